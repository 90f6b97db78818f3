"""The search engine on PostgreSQL: a GIN index on the function `search_tokens` of migration 0002.

The function takes the bigrams out of the text as tokens.py does. Stored tokens would take three
times the space of the text. See docs/decisions/0028-postgresql-indexes-an-expression.md.
"""

from typing import Any

from django.db import connection

from search.query_tree import PLACEHOLDER, And, AndNot, Or, Tier, Token, Tree

IS_SORTED = False
# `+ 0` keeps the planner from walking the primary key and computing the tokens of each row.
NEWEST_FIRST = "id + 0 DESC"
POSITION_FUNCTION = "STRPOS"
# Exactly the expression of the index.
FOLDED_TEXT = "CASE WHEN {table}.folded = '' THEN {table}.text ELSE {table}.folded END"
CONDITION = f"search_tokens({FOLDED_TEXT}, {{table}}.tokens) @@ {{tree}}"


def is_in_use() -> bool:
    return connection.vendor == "postgresql"


def match_expression(tree: Tree) -> str:
    """Translate `tree` into a tsquery.

    Tokens consist of letters, digits and prefixes: none of them needs escaping.
    """
    match tree:
        case Token(text, begins):
            return f"'{text}':*" if begins else f"'{text}'"
        case And(parts):
            return f"({' & '.join(map(match_expression, parts))})"
        case Or(parts):
            return f"({' | '.join(map(match_expression, parts))})"
        case AndNot(wanted, unwanted):
            return f"({match_expression(wanted)} & !{match_expression(unwanted)})"


def match_condition(table: str, tree: Tree) -> tuple[str, list[Any]]:
    """See `Engine.match_condition`."""
    if tree == PLACEHOLDER:
        condition = CONDITION.format(table=table, tree="look.tree")
        return f"{condition} AND {table}.id + 0 NOT BETWEEN look.first AND look.last", []
    condition = CONDITION.format(table=table, tree="%s::tsquery")
    return condition, [match_expression(tree)]


def tier_statement(select: str, parameters: list[Any], tiers: list[Tier]) -> tuple[str, list[Any]]:
    """See `Engine.tier_statement`. PostgreSQL plans `select` once for all tiers."""
    rows = ", ".join(["(%s, %s::tsquery, %s, %s)"] * len(tiers))
    statement = (
        f"SELECT look.tier, part.* FROM (VALUES {rows}) AS look (tier, tree, first, last), "  # noqa: S608
        f"LATERAL ({select}) AS part"
    )
    tier_parameters: list[Any] = []
    for tier in tiers:
        expression = match_expression(tier.tree)
        tier_parameters += [tier.number, expression, tier.first_id, tier.last_id]
    return statement, tier_parameters + parameters
