import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]
SCREENS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}

# Playwright runs an event loop in this thread, which makes Django refuse its own, perfectly synchronous, queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            item.add_marker(
                pytest.mark.skipif(
                    not CHROMIUM.exists(), reason=f"There is no browser at {CHROMIUM}."
                )
            )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {
        "executable_path": str(CHROMIUM),
        "args": [*QUIET, "--disable-sync"],
    }


@pytest.fixture(params=list(SCREENS))
def screen(request) -> str:
    return request.param


@pytest.fixture
def browser_context_args(browser_context_args, screen):
    return browser_context_args | {"viewport": SCREENS[screen], "locale": "zh-CN"}


@pytest.fixture(scope="session")
def collected_static_files():
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def site(collected_static_files, live_server, settings) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def page(page, site):
    """Fails whatever the test does if a page complains, or asks another host for anything."""
    page.set_default_timeout(10_000)
    complaints, hosts = [], set()
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    yield page
    assert not complaints
    assert hosts <= {urlsplit(site).netloc, ""}
