"""What operators type at night is the same in both languages."""

import re

from django.conf import settings

DOCS = settings.BASE_DIR / "docs"


def commands(name: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (DOCS / name).read_text(), re.M | re.S)
    lines = (re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def test_every_command_of_the_handbook_stands_in_the_manual():
    handbook = commands("运维手册.md")
    assert len(handbook) > 60
    assert [line for line in handbook if line not in commands("operations.md")] == []
