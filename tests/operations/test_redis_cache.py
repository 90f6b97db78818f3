"""The cache while Redis is down, hangs or is full."""

import shutil
import signal
import socket
import subprocess
from time import monotonic, sleep

import pytest
from django.core.cache import caches
from django.urls import reverse

from operations import circuit_breaker
from operations.checks import checks
from operations.redis_cache import breaker
from tests.builders import a_publication, an_admin

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        shutil.which("redis-server") is None, reason="redis-server is not installed"
    ),
]


class Redis:
    """A Redis server on a free port."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        deadline = monotonic() + 20
        while monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                sleep(0.02)

    def command(self, *words: str) -> None:
        subprocess.run(["redis-cli", "-p", str(self.port), *words], check=True, capture_output=True)  # noqa: S603, S607

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(settings, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 1000)  # longer than any test
    redis = Redis()
    location = f"redis://127.0.0.1:{redis.port}/0"
    settings.CACHES = {
        "default": {"BACKEND": "operations.redis_cache.RedisCache", "LOCATION": location}
    }
    breaker.reset()
    yield redis
    caches["default"].memory.clear()
    caches["default"].close()
    breaker.reset()
    redis.stop()


def hang(redis) -> None:
    redis.process.send_signal(signal.SIGSTOP)


def fill(redis) -> None:
    redis.command("config", "set", "maxmemory", "1")
    redis.command("config", "set", "maxmemory-policy", "noeviction")


FAILURES = {"down": Redis.stop, "hung": hang, "full": fill}


def test_cache_stores_values_in_redis(redis):
    caches["default"].set("a", {"b": 1}, 60)
    assert caches["default"].get("a") == {"b": 1}
    command = ["redis-cli", "-p", str(redis.port), "keys", "*"]
    keys = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    assert keys.stdout == b":1:a\n"


@pytest.mark.parametrize("failure", FAILURES)
class TestFailingRedis:
    def test_cache_uses_memory_while_redis_fails(self, redis, failure, caplog):
        cache = caches["default"]
        cache.set("before", 1)
        FAILURES[failure](redis)
        for number in range(100):
            assert cache.get_or_set(f"after{number}", lambda: 7) == 7
        [line] = [record.getMessage() for record in caplog.records]  # Redis was tried once
        assert line.startswith("Redis is unavailable")
        assert cache.get("after5") == 7
        cache.set_many({"x": 1, "y": 2})
        assert cache.get_many(["x", "y", "z"]) == {"x": 1, "y": 2}
        assert cache.has_key("x")
        assert cache.add("x", 3) is False
        assert cache.incr("x") == 2
        cache.touch("x", 10)
        cache.delete("x")
        cache.delete_many(["y"])
        assert cache.get("x", "none") == "none"
        cache.clear()

    def test_pages_and_login_work_while_redis_fails(self, redis, failure, client):
        publication = a_publication()
        an_admin(username="lin")
        FAILURES[failure](redis)
        assert client.get(publication.get_absolute_url()).status_code == 200
        response = client.post(reverse("admin:login"), {"username": "lin", "password": "password"})
        assert response.status_code == 302
        assert client.get(reverse("admin:index")).status_code == 200

    def test_health_check_reports_a_failing_redis(self, redis, failure):
        assert checks.results()["cache"].level == "good"
        FAILURES[failure](redis)
        checks.clear()
        assert checks.results()["cache"].level == "bad"


def test_cache_uses_redis_again_after_the_pause(redis, monkeypatch, caplog):
    cache = caches["default"]
    cache.set("a", 1)
    redis.stop()
    assert cache.get("a") is None
    redis.start()
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 0)
    breaker.retry_at = 0.001  # its pause is over
    cache.set("a", 2)
    assert "Redis is available again." in caplog.text
    redis.command("set", "b", "3")
    assert cache.get("a") == 2
