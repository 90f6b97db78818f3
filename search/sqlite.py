"""How SQLite is asked: an FTS5 table over the entries' tokens that keeps no positions."""

from search.matching import All, Match, Some, Token, Tree, Without

FOUND = "{table}.id IN (SELECT rowid FROM search_tokens WHERE search_tokens MATCH %s)"


def query(tree: Tree) -> str:
    """The tree in FTS5's words. Tokens are letters, digits and marks: nothing in them wants an escape."""
    match tree:
        case Token(text, begins):
            return f'"{text}"*' if begins else f'"{text}"'
        case All(parts):
            return f"({' AND '.join(map(query, parts))})"
        case Some(parts):
            return f"({' OR '.join(map(query, parts))})"
        case Without(wanted, unwanted):
            return f"({query(wanted)} NOT {query(unwanted)})"


def newest(rows, match: Match, limit: int, are_many: bool) -> list:
    """So many of the rows that match, the newest first."""
    return list(rows.matching(match).order_by("-id")[:limit])
