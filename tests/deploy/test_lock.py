"""Test that the lock files agree with pyproject.toml and name no package index."""

import re
import tomllib

import pytest
from django.conf import settings

LOCKS = ["requirements.lock", "requirements-dev.lock"]


def normalized(name: str) -> str:
    """Return a package name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def blocks(lock: str) -> list[str]:
    """Return the text of each package in a lock file: its version, hashes and dependents."""
    text = (settings.BASE_DIR / lock).read_text()
    return re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]


def versions(lock: str) -> dict[str, str]:
    """Map the name of each package in a lock file to its version."""
    pairs = [re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", block) for block in blocks(lock)]
    return {normalized(pair[1]): pair[2] for pair in pairs}


def declared(*extras: str) -> set[str]:
    """Return the packages that pyproject.toml requires for an installation with these extras."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    requirements = list(project["dependencies"])
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    return {normalized(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_an_exact_version_and_hashes_for_every_package(lock):
    for block in blocks(lock):
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", block), block
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_package_index(lock):
    text = (settings.BASE_DIR / lock).read_text()
    assert "://" not in text
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert options == []


def test_lock_has_every_dependency_of_the_project():
    assert declared("s3", "sentry") <= versions("requirements.lock").keys()
    assert declared("s3", "sentry", "dev") <= versions("requirements-dev.lock").keys()


def test_lock_has_what_redis_needs_on_the_oldest_python():
    """redis requires async-timeout before Python 3.11.3; Debian 12 has Python 3.11.2."""
    assert "async-timeout" in versions("requirements.lock")


def test_development_lock_has_the_versions_of_the_runtime_lock():
    assert versions("requirements.lock").items() <= versions("requirements-dev.lock").items()
