"""The commands are the same in the manuals of both languages."""

import re

from django.conf import settings

DOCS = settings.BASE_DIR / "docs"


def commands(name: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (DOCS / name).read_text(), re.M | re.S)
    lines = (re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def test_handbook_has_only_commands_of_operations_md():
    handbook = commands("运维手册.md")
    assert len(handbook) > 60
    assert [line for line in handbook if line not in commands("operations.md")] == []
