"""Test that concurrent migration operations work on both databases, forwards and backwards."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from operations.concurrent_operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)

TABLE = "operations_measure"
CREATE = migrations.CreateModel(
    "Measure",
    [("id", models.BigAutoField(primary_key=True)), ("value", models.IntegerField())],
)
ADD_INDEX = AddIndexConcurrently("measure", models.Index(fields=["value"], name="measure_value"))
POSITIVE = models.CheckConstraint(condition=models.Q(value__gt=0), name="measure_positive")


def forwards(state: ProjectState, operation: Operation) -> ProjectState:
    """Apply an operation outside a transaction and return the state after it."""
    after = state.clone()
    operation.state_forwards("operations", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("operations", editor, state, after)
    return after


def backwards(state: ProjectState, after: ProjectState, operation: Operation) -> None:
    """Undo an operation outside a transaction."""
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("operations", editor, after, state)


def constraints() -> set[str]:
    """Return the names of the table's indexes and constraints."""
    with connection.cursor() as cursor:
        return {*connection.introspection.get_constraints(cursor, TABLE)}


@pytest.fixture
def state(transactional_db):
    """Create a table for the test, and drop it afterwards."""
    empty = ProjectState()
    created = forwards(empty, CREATE)
    yield created
    backwards(empty, created, CREATE)


def test_index_is_added_and_removed(state):
    with CaptureQueriesContext(connection) as queries:
        indexed = forwards(state, ADD_INDEX)
    assert "measure_value" in constraints()
    if connection.vendor == "postgresql":
        assert "CREATE INDEX CONCURRENTLY" in queries[0]["sql"]
    remove = RemoveIndexConcurrently("measure", "measure_value")
    removed = forwards(indexed, remove)
    assert "measure_value" not in constraints()
    backwards(indexed, removed, remove)
    assert "measure_value" in constraints()
    backwards(state, indexed, ADD_INDEX)
    assert "measure_value" not in constraints()


def test_constraint_is_added_validated_and_removed(state):
    add = AddConstraintNotValid("measure", POSITIVE)
    constrained = forwards(state, add)
    validate = ValidateConstraint("measure", "measure_positive")
    validated = forwards(constrained, validate)
    assert "measure_positive" in constraints()
    backwards(constrained, validated, validate)
    backwards(state, constrained, add)
    assert "measure_positive" not in constraints()
