"""What is read in Chinese: every string, compiled as written, of the same strings as the sources."""

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
def test_every_string_is_translated(path):
    entries = polib.pofile(str(path))
    assert [entry.msgid for entry in entries if not entry.translated() or entry.fuzzy] == []


@each_catalogue
def test_what_is_compiled_is_what_is_written(path):
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert translations(compiled) == translations(polib.pofile(str(path)))


@each_catalogue
def test_placeholders_are_those_of_the_original(path):
    for entry in polib.pofile(str(path)):
        for translation in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(entry.msgid))


@pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="gettext is not installed: Debian's package is gettext"
)
def test_the_sources_hold_these_strings_and_no_others(tmp_path):
    # A copy, for makemessages writes beside the templates it reads.
    copy = tmp_path / "house"
    shutil.copytree(
        settings.BASE_DIR, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "static", "var")
    )
    (copy / "locale" / OURS).unlink()
    command = [sys.executable, "manage.py", *RECIPE]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)  # noqa: S603
    found = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(copy / "locale" / OURS))}
    assert found == translations(polib.pofile(str(LOCALE / OURS))).keys()
