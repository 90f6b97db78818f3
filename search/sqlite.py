"""How SQLite is asked: an FTS5 table over the entries' tokens that keeps no positions."""

from search.query_tree import PLACEHOLDER, And, AndNot, Or, Tier, Token, Tree

IN_ORDER = True  # the newest of what it finds are soon found

NEWEST = "id DESC"
PLACE = "INSTR"
FOUND = "{table}.id IN (SELECT rowid FROM search_tokens WHERE search_tokens MATCH %s)"


def query(tree: Tree) -> str:
    """The tree in FTS5's words. Tokens are letters, digits and marks: nothing in them wants an escape."""
    match tree:
        case Token(text, begins):
            return f'"{text}"*' if begins else f'"{text}"'
        case And(parts):
            return f"({' AND '.join(map(query, parts))})"
        case Or(parts):
            return f"({' OR '.join(map(query, parts))})"
        case AndNot(wanted, unwanted):
            return f"({query(wanted)} NOT {query(unwanted)})"


def matches(table: str, tree: Tree) -> tuple[str, list]:
    """The condition that a row of the entries' table has the tokens of a tree."""
    return FOUND.format(table=table), [query(tree)]


def in_turn(part: str, values: list, tiers: list[Tier]) -> tuple[str, list]:
    """A statement that looks for tree after tree, and for none more once there is enough."""
    union = " UNION ALL ".join(
        f"SELECT {tier.number}, part.* FROM ({part}) AS part" for tier in tiers
    )
    each, trees = query(PLACEHOLDER), [query(tier.tree) for tier in tiers]
    return union, [tree if value == each else value for tree in trees for value in values]
