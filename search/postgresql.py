"""How PostgreSQL is asked: a GIN index over what `search_tokens` makes of a text, which a migration defines.

The database takes the pairs out of the text by itself, as `tokens.py` does: to store them would need three times the
room that the text needs.
"""

from django.db import connection
from django.utils import timezone

from search.matching import All, Match, Some, Token, Tree, Without, every, some
from search.tokens import YEAR

# Years back from this one, which are looked through one span after the other; at last, all that is left.
SPANS = [(-1, 1), (1, 2), (2, 4), (4, 8), (8, 16), (0, 0)]

# As the index has it, letter for letter.
FOLDED = "CASE WHEN {table}.folded = '' THEN {table}.text ELSE {table}.folded END"
FOUND = f"search_tokens({FOLDED}, {{table}}.tokens) @@ %s::tsquery"


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


def newest(rows, match: Match, limit: int, are_many: bool) -> list:
    """So many of the rows that match, the newest first.

    An index without order answers all of what it finds. What is found by the thousand is therefore looked for in the
    newest years first, and then in spans of older ones, each twice as long as the one before.
    """
    if not are_many:
        found = list(rows.matching(match)[: limit + 1])
        if len(found) <= limit:
            return sorted(found, reverse=True)
    found, passed = [], []
    for first, last in SPANS:
        year = timezone.localdate().year
        years = [Token(f"{YEAR}{year - back}") for back in range(first, last)]
        passed += years
        tree = every([match.tree, some(years)]) if years else Without(match.tree, some(passed))
        found += rows.matching(match._replace(tree=tree)).order_by("-id")[: limit - len(found)]
        if len(found) == limit:
            break
    return found
