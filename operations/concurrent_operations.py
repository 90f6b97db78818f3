"""Migration operations that keep a table readable while they run.

On PostgreSQL they build indexes concurrently and validate constraints apart from adding them. On
SQLite, which has no such statements, they do the same as Django's plain operations. A migration
that adds or removes an index sets `atomic = False` and contains nothing but these operations.
ValidateConstraint belongs in a migration of its own, after the one with AddConstraintNotValid.
"""

from django.contrib.postgres import operations as postgres
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class PostgreSQLOrPlain(Operation):
    """Run the operation of django.contrib.postgres, or `plain` on other databases."""

    plain: type[Operation]

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        states = (app_label, schema_editor, from_state, to_state)
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(*states)
        else:
            self.plain.database_forwards(self, *states)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        states = (app_label, schema_editor, from_state, to_state)
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(*states)
        else:
            self.plain.database_backwards(self, *states)


class AddIndexConcurrently(PostgreSQLOrPlain, postgres.AddIndexConcurrently):
    plain = AddIndex


class RemoveIndexConcurrently(PostgreSQLOrPlain, postgres.RemoveIndexConcurrently):
    plain = RemoveIndex


class AddConstraintNotValid(PostgreSQLOrPlain, postgres.AddConstraintNotValid):
    """Add a check constraint that PostgreSQL enforces on new rows only."""

    plain = AddConstraint


class ValidateConstraint(postgres.ValidateConstraint):
    """Check the rows that existed before AddConstraintNotValid; SQLite has checked them then."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
