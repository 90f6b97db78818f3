"""How PostgreSQL is asked: a GIN index over what `search_tokens` makes of a text, which a migration defines.

The database takes the pairs out of the text by itself, as `tokens.py` does: to store them would need three times the
room that the text needs.
"""

from itertools import chain

from django.db import connection

from search.query_tree import PLACEHOLDER, And, AndNot, Or, Tier, Token, Tree

IN_ORDER = False  # the index answers all of what it finds, in no order

# The newest first, but not by walking the entries from the newest on, and taking the tokens out of each.
NEWEST = "id + 0 DESC"
PLACE = "STRPOS"
# As the index has it, letter for letter.
FOLDED = "CASE WHEN {table}.folded = '' THEN {table}.text ELSE {table}.folded END"
FOUND = f"search_tokens({FOLDED}, {{table}}.tokens) @@ {{tree}}"


def in_use() -> bool:
    return connection.vendor == "postgresql"


def query(tree: Tree) -> str:
    """The tree as a `tsquery`. Tokens are letters, digits and marks: nothing in them wants an escape."""
    match tree:
        case Token(text, begins):
            return f"'{text}':*" if begins else f"'{text}'"
        case And(parts):
            return f"({' & '.join(map(query, parts))})"
        case Or(parts):
            return f"({' | '.join(map(query, parts))})"
        case AndNot(wanted, unwanted):
            return f"({query(wanted)} & !{query(unwanted)})"


def matches(table: str, tree: Tree) -> tuple[str, list]:
    """The condition that a row of the entries' table has the tokens of a tree."""
    if tree == PLACEHOLDER:
        others = f"{table}.id + 0 NOT BETWEEN look.first AND look.last"
        return f"{FOUND.format(table=table, tree='look.tree')} AND {others}", []
    return FOUND.format(table=table, tree="%s::tsquery"), [query(tree)]


def in_turn(part: str, values: list, tiers: list[Tier]) -> tuple[str, list]:
    """A statement that looks for tree after tree, and for no more once there is enough; planned once for all."""
    looks = ", ".join(["(%s, %s::tsquery, %s, %s)"] * len(tiers))
    names = "look (tier, tree, first, last)"
    statement = (
        f"SELECT look.tier, part.* FROM (VALUES {looks}) AS {names}, LATERAL ({part}) AS part"  # noqa: S608
    )
    return statement, [
        *chain.from_iterable((tier, query(tree), *keys) for tier, tree, *keys in tiers),
        *values,
    ]
