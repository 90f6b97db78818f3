"""Gates: conditions that content must meet before it is published.

An app registers a gate in its `apps.py`. None is registered yet.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

# Called with the content, the user and the instant; raises ValidationError to refuse.
Gate = Callable[[Any, Any, datetime], None]

gates: list[Gate] = []


def register(gate: Gate) -> Gate:
    """Register a gate. Can be used as a decorator."""
    gates.append(gate)
    return gate


def check(content: Any, *, by: Any, at: datetime) -> None:
    """Call every gate. Raises one ValidationError with all refusals."""
    refusals: list[ValidationError] = []
    for gate in gates:
        try:
            gate(content, by, at)
        except ValidationError as error:
            refusals.append(error)
    if refusals:
        raise ValidationError(refusals)
