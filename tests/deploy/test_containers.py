"""The container files, checked without starting a container."""

import os
import re
import subprocess
from collections import Counter

import pytest
import yaml

from bench.servers import DEPLOY, ROOT
from operations.timers import PERIODS

CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]


def test_containerfile_copies_existing_files():
    sources = [
        name
        for line in re.findall(r"^COPY (.+)$", CONTAINERFILE, re.M)
        for name in line.split()[:-1]
    ]
    assert [name for name in sources if not (ROOT / name).exists()] == []


def test_containerfile_copies_every_app():
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")} | {
        "locale",
        "static",
        "templates",
        "demo",
        "deploy",
    }
    assert folders <= {*re.findall(r"^COPY (\w+) ", CONTAINERFILE, re.M)}


def test_services_are_built_from_existing_stages():
    stages = {*re.findall(r"^FROM \S+ AS (\w+)$", CONTAINERFILE, re.M)}
    built = [service["build"] for service in SERVICES.values() if "build" in service]
    assert {build["target"] for build in built} == stages
    assert {(DEPLOY / build["context"] / build["dockerfile"]).resolve() for build in built} == {
        DEPLOY / "Containerfile"
    }


def test_services_depend_on_existing_services_and_volumes():
    for service in SERVICES.values():
        assert {*service.get("depends_on", [])} <= SERVICES.keys()
        named = {
            volume.partition(":")[0]
            for volume in service.get("volumes", [])
            if volume[0] not in "./"
        }
        assert named <= COMPOSE["volumes"].keys()


@pytest.mark.parametrize("name", ["prepare", "site", "timers"])
def test_services_of_the_site_run_without_privileges(name):
    assert (SERVICES[name]["read_only"], SERVICES[name]["cap_drop"]) == (True, ["ALL"])


def test_timers_run_as_often_as_under_systemd(tmp_path):
    """A fake `date` counts days, and a fake `sleep` fails in the end, which ends the loop."""
    programs = {
        ".venv/bin/python": 'echo "$2" >> log',
        "bin/sleep": 'echo >> slept; [ "$(wc -l < slept)" -le 4 ]',
        "bin/date": 'expr "$(wc -l < slept)" / 3',
    }
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    variables = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "SEARCH_URL": "http://search:9200/magazine",
    }
    command = [part.replace("$$", "$") for part in SERVICES["timers"]["command"]]
    subprocess.run(command, cwd=tmp_path, env=variables, timeout=30)  # noqa: S603
    commands = Counter((tmp_path / "log").read_text().split())
    assert commands == {
        "push_addresses": 4,
        "deliver_search": 4,
        "backup": 2,
        "refresh_related": 2,
        "clearsessions": 2,
    }
    assert PERIODS.keys() <= commands.keys()


def test_nginx_service_sets_the_variables_of_the_template():
    wanted = {*re.findall(r"\$\{([A-Z_]+)\}", (DEPLOY / "nginx.conf.template").read_text())}
    assert wanted == {"SITE_URL", *SERVICES["nginx"]["environment"]}
    assert (
        "envsubst '" + " ".join(f"${name}" for name in ["SITE_URL", "DATA_DIR", "NODES"]) + "'"
        in CONTAINERFILE
    )


def test_database_service_matches_the_database_url():
    assert "@database:5432/magazine" in SERVICES["site"]["environment"]["DATABASE_URL"]
    assert SERVICES["database"]["environment"]["POSTGRES_DB"] == "magazine"
