"""The units of systemd: what they start is there, and nothing they start may do more than it needs."""

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
def test_services_may_do_little(service):
    verdict = analyze("security", "--offline=true", service).stdout
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", verdict)[1]) < 3.0


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_timers_start_what_there_is(timer):
    unit = re.search(r"^Unit=manage@(\w+)\.service$", timer.read_text(), re.M)
    if unit:
        assert unit[1] in get_commands()
        assert timer.stem == unit[1].replace("_", "-")
    else:
        assert timer.with_suffix(".service") in SERVICES


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_timers_come_due(timer):
    [calendar] = re.findall(r"^OnCalendar=(.+)$", timer.read_text(), re.M)
    assert "Next elapse" in analyze("calendar", calendar).stdout


@pytest.mark.parametrize(
    "unit", [*SERVICES, *TIMERS, DEPLOY / "magazine.socket"], ids=lambda unit: unit.name
)
def test_units_say_nothing_that_systemd_does_not_understand(unit):
    complaints = analyze("verify", "--man=no", unit).stderr
    # Where the house is not installed, its programs are missing.
    assert re.sub(r".* is not executable: No such file or directory\n", "", complaints) == ""


def test_all_services_are_shut_in_alike():
    """But for the one folder they write to."""
    texts = [
        service.read_text().partition("# It reads the system")[2].partition("\n\n")[0].strip()
        for service in SERVICES
    ]
    assert all(texts)
    assert len({re.sub(r"ReadWritePaths=.*", "", text) for text in texts}) == 1


def test_socket_is_where_nginx_looks_for_it():
    assert "ListenStream=127.0.0.1:8000\n" in (DEPLOY / "magazine.socket").read_text()
    assert 'NODES="server 127.0.0.1:8000;"\n' in (DEPLOY / "env.example").read_text()
