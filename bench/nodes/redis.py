"""Stop, fill and kill Redis."""

from collections.abc import Callable
from signal import SIGCONT, SIGSTOP
from time import monotonic, sleep

from bench.nodes.browser import Browser
from bench.nodes.cluster import Cluster, check
from bench.servers import run as command
from operations.circuit_breaker import PAUSE_SECONDS

ROUNDS = 6
SHORT_ROUNDS = 1
MAX_EXTRA_SECONDS = 0.3


def run(cluster: Cluster) -> None:
    port = cluster.nodes[0]
    config = ["redis-cli", "-p", str(cluster.redis_port), "config", "set"]

    def stop_answering() -> None:
        cluster.redis.send_signal(SIGSTOP)

    def fill() -> None:
        cluster.redis.send_signal(SIGCONT)
        command(*config, "maxmemory", "1")
        command(*config, "maxmemory-policy", "noeviction")

    def kill() -> None:
        cluster.redis.kill()
        cluster.redis.wait()

    failures: dict[str, Callable[[], None]] = {"hung": stop_answering, "full": fill, "down": kill}
    usual = longest(cluster, port)
    for name, fail in failures.items():
        fail()
        seconds = longest(cluster, port)
        result = f"the longest {seconds * 1000:.0f} ms, before {usual * 1000:.0f} ms"
        check(
            f"{name}: no page fails, and none takes 0.3 s more",
            seconds - usual < MAX_EXTRA_SECONDS,
            result,
        )
        check(f"{name}: signing in works", Browser(cluster.site).sign_in(port).status == 302)


def longest(cluster: Cluster, port: int) -> float:
    """Return the time of the slowest request, in the quietest of several rounds.

    Other processes use this machine as well. Before each round the circuit breaker closes again.
    """
    rounds = []
    for _ in range(SHORT_ROUNDS if cluster.short else ROUNDS):
        sleep(PAUSE_SECONDS + 1)
        rounds.append(max(spans_of(cluster, port)))
    return min(rounds)


def spans_of(cluster: Cluster, port: int) -> list[float]:
    """Return the times of pages that the page cache does not store."""
    spans = []
    for number in range(5):
        begun = monotonic()
        answer = Browser(cluster.site).request(port, f"/?unknown={number}")
        spans.append(monotonic() - begun)
        if answer.status != 200:
            check("pages are answered", False, answer.status)
    return spans
