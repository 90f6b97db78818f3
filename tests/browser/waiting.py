from time import monotonic

from playwright.sync_api import Page

PATIENCE = 10  # seconds


def until(page: Page, condition: str) -> None:
    """Wait until an expression holds in the page.

    Playwright's own `wait_for_function` has the page evaluate it again and again, which our policy forbids.
    """
    end = monotonic() + PATIENCE
    while not page.evaluate(condition):
        assert monotonic() < end, condition
        page.wait_for_timeout(50)
