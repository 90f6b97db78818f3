"""Import direction, project files, and behaviour before the first request."""

import ast
import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from richtext.fields import RichTextField

ROOT = settings.BASE_DIR
# Apps from the bottom up. An app imports apps of the rows below its own, and none beside it.
LAYERS = [
    ["operations", "accounts"],
    ["web"],
    ["media"],
    ["richtext"],
    ["publishing"],
    ["magazine"],
    ["search", "seo"],
    ["articles", "notices"],
    ["demo"],
]
APPS = [app for layer in LAYERS for app in layer]
LAYER = {app: number for number, layer in enumerate(LAYERS) for app in layer}
PACKAGES = {*APPS, "tests", "bench", "deploy"}
# Files of the project in the folder of the app magazine: they stand above all apps.
PROJECT = {ROOT / "magazine" / name for name in ["settings.py", "urls.py", "wsgi.py"]}
MODULES = [
    path
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts and path not in PROJECT
]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Yield every import statement of a module with the module it imports from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}:{node.lineno} is a relative import"
            yield node, node.module
            yield from ((node, f"{node.module}.{name.name}") for name in node.names)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def type_checking_imports(path: Path) -> set[int]:
    """Return the lines of the imports that run for type checkers alone."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            lines |= {child.lineno for child in node.body}
    return lines


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """manage.py in a process of its own, with these variables and no others."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x",
        "SITE_URL": "http://127.0.0.1:8000",
    }
    environment |= measured | variables
    command = [sys.executable, "-W", "error", str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)  # noqa: S603


class TestImports:
    @pytest.mark.parametrize("path", MODULES, ids=relative)
    def test_imports_point_downwards(self, path):
        app = path.relative_to(ROOT).parts[0]
        imported = {module.partition(".")[0] for _, module in imports(path)} & PACKAGES
        allowed = {name for name in APPS if LAYER[name] < LAYER[app]}
        assert imported - {app} <= allowed

    def test_imports_of_the_settings_name_no_app(self):
        imported = {
            module.partition(".")[0] for _, module in imports(ROOT / "magazine/settings.py")
        }
        assert not imported & PACKAGES

    def test_imports_form_no_cycle(self):
        """Also those inside functions count, but not those for type checkers alone."""
        names = {module_name(path) for path in MODULES}
        graph = {}
        for path in MODULES:
            ignored = type_checking_imports(path)
            imported = {name for node, name in imports(path) if node.lineno not in ignored}
            graph[module_name(path)] = (imported & names) - {module_name(path)}
        remaining = dict(graph)
        while leaves := [name for name in remaining if not remaining[name] & remaining.keys()]:
            for name in leaves:
                del remaining[name]
        assert remaining == {}

    @pytest.mark.parametrize("path", MODULES, ids=relative)
    def test_imports_inside_functions_state_their_reason(self, path):
        lines = path.read_text().splitlines()
        unexplained = []
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                is_import = isinstance(node, ast.Import | ast.ImportFrom)
                if is_import and not re.search(r"#\s*\w+", lines[node.lineno - 1]):
                    unexplained.append(node.lineno)
        assert unexplained == []

    @pytest.mark.parametrize("path", MODULES, ids=relative)
    def test_url_names_point_downwards(self, path):
        """A string such as "articles:home" is an import by another name."""
        app = path.relative_to(ROOT).parts[0]
        higher = [name for name in APPS if LAYER[name] > LAYER[app]]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                namespace = node.value.partition(":")[0]
                is_url_name = re.fullmatch(r"[a-z]+:[a-z_]+", node.value)
                assert not (is_url_name and namespace in higher), node.lineno

    def test_concrete_models_stand_in_models_py(self):
        for model in apps.get_models():
            app, _, module = model.__module__.partition(".")
            if app in APPS:
                assert module == "models", model


class TestProject:
    @pytest.mark.django_db
    def test_no_migration_is_missing(self):
        output = StringIO()
        call_command("makemigrations", "--check", "--dry-run", stdout=output)
        assert output.getvalue() == "No changes detected\n"

    def test_migrations_store_rich_text_as_a_plain_text_field(self):
        """The editor can be replaced without a migration."""
        for model in apps.get_models():
            for field in model._meta.local_fields:
                if isinstance(field, RichTextField):
                    assert field.deconstruct()[1] == "django.db.models.TextField", field


class TestWeight:
    @pytest.mark.parametrize(("kind", "most"), [("css", 15_000), ("js", 8_000)])
    def test_static_files_of_every_page_stay_small(self, kind, most):
        """Gzipped; public pages load all of it but the editor's style."""
        files = [path for path in (ROOT / "static").glob(f"*.{kind}") if path.stem != "editor"]
        assert files
        assert sum(len(gzip.compress(path.read_bytes())) for path in files) < most

    def test_scripts_use_no_syntax_that_old_browsers_refuse(self):
        """A browser of some years ago runs nothing of a script with unknown syntax."""
        for path in (ROOT / "static").glob("*.js"):
            assert not re.findall(r"\?\?|\?\.(?!\d)|\|\|=|&&=", path.read_text()), path.name


class TestManage:
    def test_deployment_check_is_clean_under_production_settings(self, tmp_path):
        production = {
            "SECRET_KEY": "".join(map(chr, range(40, 100))),
            "SITE_URL": "https://www.example.cn",
            "BEHIND_PROXY": "true",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        }
        result = run("check", "--deploy", "--fail-level", "WARNING", **production)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith("System check identified no issues")

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("SECRET_KEY", ""),
            ("SITE_URL", ""),
            ("SITE_URL", "www.example.cn"),
            ("SITE_URL", "ftp://www.example.cn"),
            ("SITE_URL", "https://www.example.cn/path"),
            ("SITE_URL", "https://www.example.cn?a=b"),
            ("SITE_URL", "https://www.example.cn:port"),
            ("SITE_URL", "http://["),
            ("DEBUG", "yes"),
            ("BEHIND_PROXY", "1"),
            ("DATABASE_URL", "mysql://127.0.0.1/magazine"),
            ("DATABASE_URL", "nonsense"),
            ("DATABASE_URL", "postgresql://127.0.0.1:port/magazine"),
            ("DATABASE_URL", "postgresql://u:p@one:5432,two/magazine"),
            ("DATABASE_URL", "postgresql://u:p@one:port,two:port/magazine"),
            ("DATABASE_REPLICA_URL", "nonsense"),
            ("CACHE_URL", "nonsense"),
            ("OPS_TOKEN", "short"),
            ("OPS_TOKEN", "long enough but with spaces"),
            ("SLOW_QUERY_MS", "-1"),
            ("SLOW_QUERY_MS", "half a second"),
            ("ADMINS", "nobody"),
            ("ADMINS", "a@example.cn,b"),
            ("EMAIL_URL", "mail.example.cn"),
            ("EMAIL_URL", "smtp://mail.example.cn:port"),
            ("SENTRY_DSN", "nonsense"),
            ("PAGE_CACHE_MB", "much"),
            ("PAGE_CACHE_MB", "-1"),
            ("INDEXNOW_KEY", "short"),
            ("INDEXNOW_KEY", "with/slash"),
            ("STATEMENT_TIMEOUT", "soon"),
            ("SEARCH_URL", "127.0.0.1:9200"),
            ("SEARCH_URL", "http://127.0.0.1:9200"),
        ],
    )
    def test_missing_or_wrong_variable_ends_in_one_sentence(self, variable, value):
        result = run("check", **{variable: value})
        assert (result.returncode, result.stdout) == (1, "")
        assert re.fullmatch(rf"{variable} .+\.\n", result.stderr)

    def test_password_in_a_wrong_address_is_not_told(self):
        assert (
            "geheim"
            not in run("check", DATABASE_URL="mysql://root:geheim@127.0.0.1/magazine").stderr
        )

    def test_database_that_does_not_answer_ends_in_one_sentence(self):
        result = run("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
        assert (result.returncode, result.stdout) == (1, "")
        assert len(result.stderr.splitlines()) == 1

    def test_empty_variables_count_as_none(self, tmp_path):
        empty = dict.fromkeys(
            ["DEBUG", "BEHIND_PROXY", "DATABASE_URL", "CACHE_URL", "EXTRA_HOSTS", "ADMINS"], ""
        )
        result = run("check", DATA_DIR=str(tmp_path), **empty)
        assert (result.returncode, result.stderr) == (0, "")
