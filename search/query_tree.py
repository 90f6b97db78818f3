"""What is asked of the index, in words that every database's module can say in its own."""

from collections.abc import Iterable
from typing import NamedTuple


class Token(NamedTuple):
    text: str
    begins: bool = False  # whatever begins so


class And(NamedTuple):
    parts: tuple


class Or(NamedTuple):
    """At least one of them."""

    parts: tuple


class AndNot(NamedTuple):
    wanted: "Tree"
    unwanted: "Tree"


Tree = Token | And | Or | AndNot

PLACEHOLDER = Token("")  # stands in a statement where each of several trees will


class Tier(NamedTuple):
    """What is looked for in one step, and the number that is answered beside what is found."""

    number: int
    tree: Tree
    # But for entries with these keys, which were looked through before.
    first: int = 0
    last: int = -1


class Match(NamedTuple):
    """What an entry must be like: the tokens it has, and phrases that it says, or must not say, word for word."""

    tree: Tree
    said: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


def all_of(parts: Iterable[Tree]) -> Tree:
    return _joined(And, parts)


def any_of(parts: Iterable[Tree]) -> Tree:
    return _joined(Or, parts)


def _joined(join: type, parts: Iterable[Tree]) -> Tree:
    """None of them twice, and none inside another of its like."""
    flat = {}
    for part in parts:
        flat |= dict.fromkeys(part.parts if isinstance(part, join) else [part])
    return next(iter(flat)) if len(flat) == 1 else join(tuple(flat))
