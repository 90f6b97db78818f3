"""运行状态: what site administrators see of how the site is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from prometheus_client import CollectorRegistry

from operations.models import TimerRun
from operations.timers import PERIODS
from operations.wsgi import RequestObserver
from tests.builders import a_browser, a_publisher, an_admin, an_editor
from tests.wsgi import send_request

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/admin/operations/timerrun/"


@pytest.fixture
def admin():
    return a_browser(an_admin())


def test_stands_on_the_overview_for_administrators_alone(admin):
    assert ADDRESS in admin.get(reverse("admin:index")).text
    assert ADDRESS not in a_browser(an_editor()).get(reverse("admin:index")).text


def test_says_that_all_is_well(admin):
    a_publisher(licence_expires_on=timezone.localdate() + timedelta(days=1000))
    for name in PERIODS:
        TimerRun.begin(name).succeed()
    page = admin.get(ADDRESS).text
    assert gettext("No problems.") in page
    assert "Django 5.2" in page


def test_says_what_is_wrong_first_and_what_to_do(admin):
    a_publisher(licence_expires_on=timezone.localdate() - timedelta(days=1))
    response = admin.get(ADDRESS)
    name, (level, says) = response.context["tables"][0].rows[0]
    assert (name, level) == (gettext("network-publishing licence"), "bad")
    assert f'<td class="bad">{gettext("broken")}</td>' in response.text
    assert says.splitlines()[1] in response.text
    assert gettext("Problems: %(problems)s.") % {"problems": 2} in response.text


def test_shows_how_each_timer_went(admin):
    TimerRun.begin("push_addresses").fail(ValueError("<b>坏了</b>"))
    response = admin.get(ADDRESS)
    assert "ValueError: &lt;b&gt;坏了&lt;/b&gt;" in response.text
    rows = dict(response.context["tables"][1].rows)
    assert rows.keys() == PERIODS.keys()
    assert rows["clearsessions"] == [gettext("every day"), ""]


def test_counts_requests_that_failed(admin):
    def broken(environ, start_response):
        start_response("503 Service Unavailable", [])
        return []

    def failed() -> dict[str, list[int]]:
        return dict(admin.get(ADDRESS).context["tables"][2].rows)

    [before] = failed().get("cached", [0])  # other tests break things, too
    send_request("/", application=RequestObserver(broken))
    assert failed()["cached"] == [before + 1]


def test_says_so_when_none_failed(admin, monkeypatch):
    monkeypatch.setattr("operations.admin.counters", CollectorRegistry)
    assert gettext("None.") in admin.get(ADDRESS).text
