"""The systemd units: valid, with existing commands and few privileges."""

import re
import subprocess

import pytest
from django.conf import settings
from django.core.management import get_commands

DEPLOY = settings.BASE_DIR / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))


def analyze(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)  # noqa: S603, S607


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_services_have_few_privileges(service):
    report = analyze("security", "--offline=true", service).stdout
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", report)[1]) < 3.0


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_timers_start_existing_commands(timer):
    unit = re.search(r"^Unit=manage@(\w+)\.service$", timer.read_text(), re.M)
    if unit:
        assert unit[1] in get_commands()
        assert timer.stem == unit[1].replace("_", "-")
    else:
        assert timer.with_suffix(".service") in SERVICES


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_timers_have_a_next_run(timer):
    [calendar] = re.findall(r"^OnCalendar=(.+)$", timer.read_text(), re.M)
    assert "Next elapse" in analyze("calendar", calendar).stdout


@pytest.mark.parametrize(
    "unit", [*SERVICES, *TIMERS, DEPLOY / "magazine.socket"], ids=lambda unit: unit.name
)
def test_units_are_valid_for_systemd(unit):
    warnings = analyze("verify", "--man=no", unit).stderr
    # The site's programs are missing on a machine where it is not installed.
    assert re.sub(r".* is not executable: No such file or directory\n", "", warnings) == ""


def test_services_have_the_same_restrictions():
    """Only the folders that they write to differ."""
    texts = [
        service.read_text().partition("# It reads the system")[2].partition("\n\n")[0].strip()
        for service in SERVICES
    ]
    assert all(texts)
    assert len({re.sub(r"ReadWritePaths=.*", "", text) for text in texts}) == 1


def test_socket_has_the_address_of_the_nginx_example():
    assert "ListenStream=127.0.0.1:8000\n" in (DEPLOY / "magazine.socket").read_text()
    assert 'NODES="server 127.0.0.1:8000;"\n' in (DEPLOY / "env.example").read_text()
