"""The search engine on SQLite: an FTS5 table of the tokens, without positions."""

from typing import Any

from search.query_tree import PLACEHOLDER, And, AndNot, Or, Tier, Token, Tree

IS_SORTED = True
NEWEST_FIRST = "id DESC"
POSITION_FUNCTION = "INSTR"
CONDITION = "{table}.id IN (SELECT rowid FROM search_tokens WHERE search_tokens MATCH %s)"


def match_expression(tree: Tree) -> str:
    """Translate `tree` into the syntax of FTS5.

    Tokens consist of letters, digits and prefixes: none of them needs escaping.
    """
    match tree:
        case Token(text, begins):
            return f'"{text}"*' if begins else f'"{text}"'
        case And(parts):
            return f"({' AND '.join(map(match_expression, parts))})"
        case Or(parts):
            return f"({' OR '.join(map(match_expression, parts))})"
        case AndNot(wanted, unwanted):
            return f"({match_expression(wanted)} NOT {match_expression(unwanted)})"


def match_condition(table: str, tree: Tree) -> tuple[str, list[Any]]:
    """See `Engine.match_condition`."""
    return CONDITION.format(table=table), [match_expression(tree)]


def tier_statement(select: str, parameters: list[Any], tiers: list[Tier]) -> tuple[str, list[Any]]:
    """See `Engine.tier_statement`."""
    placeholder = match_expression(PLACEHOLDER)
    selects = []
    all_parameters = []
    for tier in tiers:
        selects.append(f"SELECT {tier.number}, part.* FROM ({select}) AS part")  # noqa: S608
        expression = match_expression(tier.tree)
        for value in parameters:
            all_parameters.append(expression if value == placeholder else value)
    return " UNION ALL ".join(selects), all_parameters
