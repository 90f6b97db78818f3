"""Conditions on the tokens of an entry, independent of the search engine.

Each engine (sqlite.py, postgresql.py, opensearch.py) translates such a tree into its own syntax.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Token(NamedTuple):
    """A leaf: the entry has this token, or any token that begins with it if `begins` is set."""

    text: str
    begins: bool = False


class And(NamedTuple):
    """All parts match."""

    parts: tuple["Tree", ...]


class Or(NamedTuple):
    """At least one part matches."""

    parts: tuple["Tree", ...]


class AndNot(NamedTuple):
    """The first part matches, the second one does not."""

    wanted: "Tree"
    unwanted: "Tree"


Tree = Token | And | Or | AndNot

# A statement that is compiled once for several trees has this tree in their position.
PLACEHOLDER = Token("")


class Tier(NamedTuple):
    """One step of a ranked search: the best matches have the lowest tier number.

    Entries with a key from `first_id` to `last_id` are left out, since an earlier step covers
    them. By default the range is empty.
    """

    number: int
    tree: Tree
    first_id: int = 0
    last_id: int = -1


class Match(NamedTuple):
    """The condition that a query sets: a tree of tokens, and phrases to verify in the text.

    An entry matches if its text contains all `phrases` and none of the `excluded_phrases`.
    """

    tree: Tree
    phrases: tuple[str, ...] = ()
    excluded_phrases: tuple[str, ...] = ()


def all_of(parts: Iterable[Tree]) -> Tree:
    """Return the conjunction of `parts`."""
    return _join(And, parts)


def any_of(parts: Iterable[Tree]) -> Tree:
    """Return the disjunction of `parts`."""
    return _join(Or, parts)


def _join(operator: type[And] | type[Or], parts: Iterable[Tree]) -> Tree:
    """Join `parts`; drop duplicates and flatten parts of the same operator."""
    flat: dict[Tree, None] = {}
    for part in parts:
        if isinstance(part, operator):
            flat.update(dict.fromkeys(part.parts))
        else:
            flat[part] = None
    if len(flat) == 1:
        return next(iter(flat))
    return operator(tuple(flat))
