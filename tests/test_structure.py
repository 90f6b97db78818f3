"""How the rooms hang together, and how the whole behaves before a request comes in."""

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
from django.conf import settings
from django.core.management import call_command

ROOT = settings.BASE_DIR
# Who may know whom, besides itself. Nobody knows the demo and the tests.
MAY_KNOW = {
    "accounts": set(),
    "operations": set(),
    "magazine": {"accounts", "operations"},
    "search": {"accounts", "operations", "magazine"},
    "articles": {"accounts", "operations", "magazine", "search"},
    "notices": {"accounts", "operations", "magazine", "search"},
    "demo": {"accounts", "operations", "magazine", "search", "articles", "notices"},
}
ROOMS = {*MAY_KNOW, "tests", "bench", "deploy"}
MODULES = [
    path
    for room in MAY_KNOW
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]
# What answers readers.
PUBLIC = [
    path
    for path in MODULES
    if path.stem in {"views", "feeds", "sitemaps", "sharing", "citing", "metadata"}
    or "templatetags" in path.parts
]
TEMPLATES = [path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Every import of a module, with the package it imports from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node, name.name.partition(".")[0]) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}:{node.lineno} imports by dots"
            yield node, node.module.partition(".")[0]


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
    def test_run_one_way(self, path):
        room = path.relative_to(ROOT).parts[0]
        known = {package for _, package in imports(path)} & ROOMS
        assert known - {room} <= MAY_KNOW[room]

    def test_settings_know_nothing_of_ours(self):
        assert not {package for _, package in imports(ROOT / "magazine" / "settings.py")} & ROOMS

    @pytest.mark.parametrize("path", MODULES, ids=relative)
    def test_inside_a_function_state_their_reason(self, path):
        tree, lines = ast.parse(path.read_text()), path.read_text().splitlines()
        functions = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        inside = [
            node
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        unexplained = [
            node.lineno for node in inside if not re.search(r"#\s*\w+", lines[node.lineno - 1])
        ]
        assert unexplained == []


class TestReadersCode:
    """Working copies are out of its reach, so that a draft cannot leak by a forgotten filter."""

    @pytest.mark.parametrize("path", PUBLIC, ids=relative)
    def test_asks_for_no_working_copy(self, path):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert not (isinstance(node.value, ast.Name) and node.value.id == "Article"), (
                    node.lineno
                )
                assert node.attr not in {"articles", "article", "article_set"}, node.lineno
            if isinstance(node, ast.keyword):
                assert not (node.arg or "").startswith(("articles__", "article__")), node.lineno

    @pytest.mark.parametrize("path", TEMPLATES, ids=relative)
    def test_templates_follow_no_publication_to_its_working_copy(self, path):
        tags = re.findall(r"\{[{%].*?[%}]\}", path.read_text())
        assert [tag for tag in tags if re.search(r"\.articles?\b(?!\.html)", tag)] == []

    def test_public_modules_are_found(self):
        assert {"articles/views.py", "articles/sharing.py", "notices/templatetags/notices.py"} <= {
            *map(relative, PUBLIC)
        }
        assert len(TEMPLATES) > 20


class TestProject:
    @pytest.mark.django_db
    def test_no_migration_is_missing(self):
        output = StringIO()
        call_command("makemigrations", "--check", "--dry-run", stdout=output)
        assert output.getvalue() == "No changes detected\n"

    def test_migrations_name_no_editor(self):
        for path in ROOT.glob("*/migrations/*.py"):
            assert "ckeditor" not in path.read_text(), relative(path)

    def test_one_place_of_trust(self):
        trusting = {
            relative(path)
            for path in MODULES
            if re.search(r"mark_safe|SafeString\(|\.safe\b", path.read_text())
        }
        # Rich text, and data blocks that hold nothing HTML minds.
        assert trusting == {"richtext/fields.py", "seo/jsonld.py"}
        for path in (ROOT / "templates").rglob("*.html"):
            assert not re.search(r"\|\s*safe\b|autoescape off", path.read_text()), relative(path)


class TestWeight:
    @pytest.mark.parametrize(("kind", "most"), [("css", 15_000), ("js", 8_000)])
    def test_what_every_page_loads_stays_light(self, kind, most):
        """Gzipped; public pages load all of it but the editor's style."""
        files = [path for path in (ROOT / "static").glob(f"*.{kind}") if path.stem != "editor"]
        assert files
        assert sum(len(gzip.compress(path.read_bytes())) for path in files) < most

    def test_no_script_is_written_in_words_that_the_browsers_of_offices_refuse(self):
        """Those that nobody may update: one word of a script that they do not know, and they run none of it."""
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
