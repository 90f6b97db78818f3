"""How SQLite is asked: an FTS5 table over the entries' tokens that keeps no positions."""

from search.trees import All, Some, Token, Tree, Without

NEWEST = "-id"
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


def by_age(tree: Tree) -> list[Tree]:
    """The tree as it is: what it finds is quickly put in order."""
    return [tree]
