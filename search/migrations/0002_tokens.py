"""Create the index of tokens in each database.

PostgreSQL: a GIN index on a function that computes the tokens of a text as `tokens.py` does. Its
high cost keeps the planner from calling it for each row. `fastupdate` is off, since every search
would read the list of pending entries. The text columns are stored apart from the others, so that
rows stay narrow: a frequent word visits many of them.

SQLite: an FTS5 table without positions, which reads the tokens from the table of entries.
Triggers insert and delete its rows.
"""

from django.db import migrations

HAN = "々〇㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003ffff"
LATIN = "0-9a-zß-ɏͰ-῿ぁ-ヿ가-힣"
FUNCTION = f"""
CREATE FUNCTION search_tokens(folded text, others text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100000 AS $$
    SELECT array_to_tsvector(string_to_array(others, ' ') || array(
        SELECT substr(run, place, 2)
        FROM string_to_table(regexp_replace(folded, '[^{HAN}]+', ' ', 'g'), ' ') AS run,
            generate_series(1, char_length(run)) AS place
        UNION ALL SELECT left(word, 40)
        FROM string_to_table(regexp_replace(lower(folded), '[^{LATIN}]+', ' ', 'g'), ' ') AS word
        WHERE word <> ''
    ))
$$
"""
POSTGRESQL = [
    FUNCTION,
    "ALTER TABLE search_entry SET (toast_tuple_target = 128)",
    *(
        f"ALTER TABLE search_entry ALTER COLUMN {column} SET STORAGE MAIN"
        for column in ["kind", "stamp", "address", "title", "authors", "keywords"]
    ),
    *(f"ALTER TABLE search_entry ALTER COLUMN {column} SET STATISTICS 0" for column in ["tokens", "text", "folded"]),
    "CREATE INDEX search_entry_tokens ON search_entry USING gin "
    "(search_tokens(CASE WHEN folded = '' THEN text ELSE folded END, tokens)) WITH (fastupdate = off)",
]
FTS = "search_tokens (search_tokens, rowid, tokens)"
SQLITE = [
    "CREATE VIRTUAL TABLE search_tokens USING fts5 "
    "(tokens, content = 'search_entry', content_rowid = 'id', detail = none, tokenize = 'ascii')",
    "CREATE TRIGGER search_entry_came AFTER INSERT ON search_entry BEGIN "
    "INSERT INTO search_tokens (rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER search_entry_went AFTER DELETE ON search_entry BEGIN "
    f"INSERT INTO {FTS} VALUES ('delete', old.id, old.tokens); END",
]


def add(apps, schema_editor) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX search_entry_tokens")
        schema_editor.execute("DROP FUNCTION search_tokens")
    else:
        for thing in ["TRIGGER search_entry_came", "TRIGGER search_entry_went", "TABLE search_tokens"]:
            schema_editor.execute(f"DROP {thing}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_entries")]
    operations = [migrations.RunPython(add, remove)]
