import pytest

from operations.checks import checks


@pytest.fixture(autouse=True)
def nothing_found(monkeypatch):
    """As if nobody had asked before; and a busy machine is no broken one."""
    monkeypatch.setattr("operations.checks.TIMEOUT_SECONDS", 30)
    checks.forget()
    yield
    checks.forget()
