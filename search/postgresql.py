"""How PostgreSQL is asked: a GIN index over what `search_tokens` makes of a text, which a migration defines.

The database takes the pairs out of the text by itself, as `tokens.py` does: to store them would need three times the
room that the text needs.
"""

from itertools import chain

from django.db import connection
from django.db.models import F
from django.utils import timezone

from search.tokens import YEAR
from search.trees import EACH, All, Some, Token, Tree, Without, every, some

# Years back from this one.
SPANS = [(-1, 1), (1, 2), (2, 4), (4, 8), (8, 16)]

# The newest first, but not by walking the entries from the newest on, and taking the tokens out of each.
NEWEST = (F("id") + 0).desc()
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
        case All(parts):
            return f"({' & '.join(map(query, parts))})"
        case Some(parts):
            return f"({' | '.join(map(query, parts))})"
        case Without(wanted, unwanted):
            return f"({query(wanted)} & !{query(unwanted)})"


def matches(table: str, tree: Tree) -> tuple[str, list]:
    """The condition that a row of the entries' table has the tokens of a tree."""
    if tree == EACH:
        return FOUND.format(table=table, tree="look.tree"), []
    return FOUND.format(table=table, tree="%s::tsquery"), [query(tree)]


def in_turn(part: str, values: list, tiers: list[tuple[int, Tree]]) -> tuple[str, list]:
    """A statement that looks for tree after tree, and for no more once there is enough; planned once for all."""
    looks = ", ".join(["(%s, %s::tsquery)"] * len(tiers))
    statement = f"SELECT look.tier, part.* FROM (VALUES {looks}) AS look (tier, tree), LATERAL ({part}) AS part"  # noqa: S608
    return statement, [*chain.from_iterable((tier, query(tree)) for tier, tree in tiers), *values]


def by_age(tree: Tree) -> list[Tree]:
    """The tree in parts, each of which finds what is older than the one before it.

    An index without order answers all of what it finds. What is found by the thousand is therefore looked for in the
    newest years first, and then in spans of older ones that grow longer and longer.
    """
    year = timezone.localdate().year
    spans = [some(Token(f"{YEAR}{year - back}") for back in range(first, last)) for first, last in SPANS]
    return [*(every([tree, span]) for span in spans), Without(tree, some(spans))]
