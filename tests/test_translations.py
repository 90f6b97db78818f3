"""Tests of the Chinese translations: complete, compiled, and of exactly the strings in the sources."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

LOCALE = settings.BASE_DIR / "locale"
OURS = Path("zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]|\{\w*\}")
RECIPE = ["makemessages", "--locale=zh_Hans", "--no-location", "--no-obsolete"]

each_catalogue = pytest.mark.parametrize(
    "path", sorted(LOCALE.rglob("*.po")), ids=lambda path: str(path.relative_to(LOCALE))
)


def translations(entries) -> dict:
    return {(entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr for entry in entries}


@each_catalogue
def test_catalogue_translates_every_string(path):
    entries = polib.pofile(str(path))
    assert [entry.msgid for entry in entries if not entry.translated() or entry.fuzzy] == []


@each_catalogue
def test_compiled_catalogue_equals_its_source(path):
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert translations(compiled) == translations(polib.pofile(str(path)))


@each_catalogue
def test_translations_have_the_placeholders_of_the_original(path):
    for entry in polib.pofile(str(path)):
        for translation in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(entry.msgid))


@pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="gettext is not installed: Debian's package is gettext"
)
def test_catalogue_has_exactly_the_strings_of_the_sources(tmp_path):
    # A copy, because makemessages writes files beside the templates.
    copy = tmp_path / "project"
    shutil.copytree(
        settings.BASE_DIR, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "static", "var")
    )
    (copy / "locale" / OURS).unlink()
    command = [sys.executable, "manage.py", *RECIPE]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)  # noqa: S603
    found = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(copy / "locale" / OURS))}
    assert found == translations(polib.pofile(str(LOCALE / OURS))).keys()
