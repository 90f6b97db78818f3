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

# Playwright runs an event loop in this thread, so Django would refuse the synchronous queries of tests.
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
    """A page that fails the test on a script error, or on a request to another host."""
    page.set_default_timeout(10_000)
    errors, hosts = [], set()
    page.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    yield page
    assert not errors
    assert hosts <= {urlsplit(site).netloc, ""}
