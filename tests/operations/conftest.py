import pytest

from operations.checks import checks


@pytest.fixture(autouse=True)
def no_check_results(monkeypatch):
    """Delete the last results, and wait long enough for checks on a busy machine."""
    monkeypatch.setattr("operations.checks.TIMEOUT_SECONDS", 30)
    checks.clear()
    yield
    checks.clear()
