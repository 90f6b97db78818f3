"""The search engine of the database in use: a module with the functions and constants of Engine.

sqlite.py and postgresql.py are the two engines.
"""

from typing import Any, Protocol

from search import postgresql, sqlite
from search.query_tree import Tier, Tree


class Engine(Protocol):
    # True if the index returns the newest matches first, without reading all of them.
    IS_SORTED: bool
    NEWEST_FIRST: str  # for ORDER BY
    POSITION_FUNCTION: str  # the offset of a string in another one, 0 if it is not there

    def match_condition(self, table: str, tree: Tree) -> tuple[str, list[Any]]:
        """Return the SQL condition that a row of `table` matches `tree`, and its parameters."""

    def tier_statement(
        self, select: str, parameters: list[Any], tiers: list[Tier]
    ) -> tuple[str, list[Any]]:
        """Return a statement that runs `select` for tier after tier, and its parameters.

        `select` has the tree PLACEHOLDER in its condition. The first column of the result is the
        number of the tier. With a LIMIT, no tier is evaluated once there are enough rows.
        """


def engine() -> Engine:
    """Return the engine of the database in use."""
    return postgresql if postgresql.is_in_use() else sqlite
