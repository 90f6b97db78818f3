"""Registered effects of publishing, for apps above the content app that publishes.

They run in the transaction that publishes, after the effects that the content app lists itself.
An effect that takes long belongs into `transaction.on_commit` or a management command.
"""

from collections.abc import Callable, Sequence
from typing import Any

Effect = Callable[[Sequence[Any]], None]

effects: list[Effect] = []


def register(effect: Effect) -> Effect:
    """Register a function that gets the new publications. Can be used as a decorator."""
    effects.append(effect)
    return effect


def run(publications: Sequence[Any]) -> None:
    """Call every registered effect with the publications that were just inserted."""
    for effect in effects:
        effect(publications)
