"""Redis down, hung and full."""

from collections.abc import Callable
from signal import SIGCONT, SIGSTOP
from time import monotonic, sleep

from bench.nodes.browser import Browser
from bench.nodes.house import House, show
from bench.servers import run as command
from operations.circuit_breaker import PAUSE_SECONDS


def run(house: House) -> None:
    port = house.nodes[0]
    config = ["redis-cli", "-p", str(house.redis_port), "config", "set"]

    def stop_answering() -> None:
        house.redis.send_signal(SIGSTOP)

    def fill() -> None:
        house.redis.send_signal(SIGCONT)
        command(*config, "maxmemory", "1")
        command(*config, "maxmemory-policy", "noeviction")

    def go() -> None:
        house.redis.kill()
        house.redis.wait()

    failures: dict[str, Callable[[], None]] = {"hung": stop_answering, "full": fill, "down": go}
    usual = longest(house, port)
    for name, fail in failures.items():
        fail()
        found = longest(house, port)
        seen = f"the longest {found * 1000:.0f} ms, before {usual * 1000:.0f} ms"
        show(f"{name}: no page fails, and none takes 300 ms more", found - usual < 0.3, seen)
        show(f"{name}: signing in works", Browser(house.site).sign_in(port).status == 302)


def longest(house: House, port: int) -> float:
    """What the slowest of some requests took, in the quietest of several rounds: others use this machine, too.

    Between the rounds a Redis that is away is tried again.
    """
    rounds = []
    for _ in range(6):
        sleep(PAUSE_SECONDS + 1)
        rounds.append(max(spans_of(house, port)))
    return min(rounds)


def spans_of(house: House, port: int) -> list[float]:
    """How long pages take that the page cache does not answer."""
    spans = []
    for number in range(5):
        begun = monotonic()
        answer = Browser(house.site).ask(port, f"/?unknown={number}")
        spans.append(monotonic() - begun)
        if answer.status != 200:
            show("pages are answered", False, answer.status)
    return spans
