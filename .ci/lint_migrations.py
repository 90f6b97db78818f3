"""Check the migrations for statements that lock readers out, with squawk.

Apply every migration to the PostgreSQL database in DATABASE_URL, which must be empty, and record
the statements. Recording includes the SQL of RunPython, which `sqlmigrate` does not show. squawk
then reports statements that hold a lock for as long as a table is long. Only tables that public
pages read count. A migration with a reason in EXCEPTIONS passes.

Run from the root of the project, with DATABASE_URL set:
PYTHONPATH=. DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python .ci/lint_migrations.py
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

READER_TABLES = re.compile(
    r"articles_(publication|mention|column|readcount)|search_entry|magazine_\w+|notices_\w+"
)
# https://squawkhq.com/docs/rules describes the rules.
RULES = {
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-serial-primary-key-field",
    "ban-concurrent-index-creation-in-transaction",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "require-concurrent-reindex",
}
EXCEPTIONS = {
    "articles.0002_spans_never_overlap": "runs on the empty table that 0001 creates; PostgreSQL "
    "adds an exclusion constraint only under a lock",
    "search.0002_tokens": "runs on the empty table that 0001 creates",
}
CREATE_INDEX = re.compile(r'CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?"?(\w+)"? ON "?(\w+)"?')
DROP_INDEX = re.compile(r'DROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?"?(\w+)"?')
CREATE_TABLE = re.compile(r'CREATE TABLE "?(\w+)"?')
ALTER_TABLE = re.compile(r'ALTER TABLE "?(\w+)"?')


class Recorder:
    """Collect the schema statements on readers' tables, by migration.

    Statements on a table that the same migration creates are left out: the table is empty.
    """

    def __init__(self) -> None:
        self.statements: dict[str, list[str]] = defaultdict(list)
        self.migrations: dict[str, Migration] = {}
        self.current = ""
        self.created: set[str] = set()
        self.table_by_index: dict[str, str] = {}

    def begin(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        """Note the migration that the executor applies next."""
        if action == "apply_start":
            self.current = f"{migration.app_label}.{migration.name}"
            self.migrations[self.current] = migration
            self.created.clear()

    def execute(self, execute: Callable, sql: str, *arguments: Any) -> Any:
        """Record a statement, then execute it."""
        statement = str(sql).rstrip(";")
        table = self.table(statement)
        if READER_TABLES.fullmatch(table) and table not in self.created:
            self.statements[self.current].append(f"{statement};")
        return execute(sql, *arguments)

    def table(self, statement: str) -> str:
        """Return the table that a schema statement changes, or an empty string."""
        if match := CREATE_TABLE.match(statement):
            self.created.add(match[1])
            return match[1]
        if match := CREATE_INDEX.match(statement):
            self.table_by_index[match[1]] = match[2]
            return match[2]
        if match := DROP_INDEX.match(statement):
            return self.table_by_index.get(match[1], "")
        match = ALTER_TABLE.match(statement)
        return match[1] if match else ""

    def script(self, name: str) -> str:
        """Return the statements of a migration as one script, in a transaction if it is atomic."""
        lines = self.statements[name]
        if self.migrations[name].atomic:
            lines = ["BEGIN;", *lines, "COMMIT;"]
        return "\n".join(lines) + "\n"


def record() -> Recorder:
    """Apply all migrations to an empty database and return their statements."""
    recorder = Recorder()
    executor = MigrationExecutor(connection, progress_callback=recorder.begin)
    if executor.loader.applied_migrations:
        sys.exit("The database is not empty.")
    with connection.execute_wrapper(recorder.execute):
        executor.migrate(executor.loader.graph.leaf_nodes())
    return recorder


def lint(recorder: Recorder, folder: Path) -> list[dict[str, Any]]:
    """Return the findings of squawk, each with `file`, `line`, `rule_name` and `message`."""
    paths = []
    for name in recorder.statements:
        path = folder / name
        path.write_text(recorder.script(name))
        paths.append(path)
    squawk = Path(sys.executable).with_name("squawk")
    command = [squawk, "--reporter", "json", *paths]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if not result.stdout:
        sys.exit(result.stderr)
    return [finding for finding in json.loads(result.stdout) if finding["rule_name"] in RULES]


def main() -> None:
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL must name a PostgreSQL database.")
    recorder = record()
    with TemporaryDirectory() as folder:
        findings = lint(recorder, Path(folder))
        failed = set()
        for finding in findings:
            name = Path(finding["file"]).name
            if name in EXCEPTIONS:
                continue
            failed.add(name)
            statement = Path(finding["file"]).read_text().splitlines()[finding["line"]]
            print(f"{name}: {finding['rule_name']}: {finding['message']}\n    {statement}")
    print(f"{len(recorder.migrations)} migrations checked, {len(failed)} of them with long locks.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
