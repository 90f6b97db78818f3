import pytest

from operations import probing
from operations.probing import health


@pytest.fixture(autouse=True)
def nothing_found(monkeypatch):
    """As if nobody had asked before; and a busy machine is no broken one."""
    monkeypatch.setattr(probing, "PATIENCE", 30)
    health.forget()
    yield
    health.forget()
