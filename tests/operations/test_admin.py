"""The status page of the admin (运行状态)."""

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


def test_status_page_is_linked_for_superusers_only(admin):
    assert ADDRESS in admin.get(reverse("admin:index")).text
    assert ADDRESS not in a_browser(an_editor()).get(reverse("admin:index")).text


def test_status_page_shows_no_problems(admin):
    a_publisher(licence_expires_on=timezone.localdate() + timedelta(days=1000))
    for name in PERIODS:
        TimerRun.begin(name).succeed()
    page = admin.get(ADDRESS).text
    assert gettext("No problems.") in page
    assert "Django 5.2" in page


def test_status_page_shows_problems_first_with_their_fixes(admin):
    a_publisher(licence_expires_on=timezone.localdate() - timedelta(days=1))
    response = admin.get(ADDRESS)
    name, (level, text) = response.context["tables"][0].rows[0]
    assert (name, level) == (gettext("network-publishing licence"), "bad")
    assert f'<td class="bad">{gettext("broken")}</td>' in response.text
    assert text.splitlines()[1] in response.text
    assert gettext("Problems: %(problems)s.") % {"problems": 2} in response.text


def test_status_page_shows_the_last_run_of_each_timer(admin):
    TimerRun.begin("push_addresses").fail(ValueError("<b>坏了</b>"))
    response = admin.get(ADDRESS)
    assert "ValueError: &lt;b&gt;坏了&lt;/b&gt;" in response.text
    rows = dict(response.context["tables"][1].rows)
    assert rows.keys() == PERIODS.keys()
    assert rows["clearsessions"] == [gettext("every day"), ""]


def test_status_page_counts_failed_requests(admin):
    def broken(environ, start_response):
        start_response("503 Service Unavailable", [])
        return []

    def failed() -> dict[str, list[int]]:
        return dict(admin.get(ADDRESS).context["tables"][2].rows)

    [before] = failed().get("cached", [0])  # other tests cause errors too
    send_request("/", application=RequestObserver(broken))
    assert failed()["cached"] == [before + 1]


def test_status_page_shows_none_without_failed_requests(admin, monkeypatch):
    monkeypatch.setattr("operations.admin.counters", CollectorRegistry)
    assert gettext("None.") in admin.get(ADDRESS).text
