"""Open sockets that never finish their request: the p99 of other readers stays under 300 ms."""

import random
import socket
from contextlib import suppress
from threading import Event, Thread
from time import sleep
from typing import NamedTuple

from bench.faults.site import UNVERIFIED, Readers, Site
from bench.servers import wait_until


class Numbers(NamedTuple):
    sockets: int
    seconds: int
    max_p99_ms: int


LONG = Numbers(sockets=1000, seconds=30, max_p99_ms=300)
SHORT = Numbers(sockets=200, seconds=4, max_p99_ms=2000)


class SlowClients(Thread):
    """Keep a number of sockets open and send one header line a second on each."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__()
        self.site = site
        self.number = number
        self.stopped = Event()
        self.sockets: list[socket.socket] = []
        self.max_open = 0

    def run(self) -> None:
        while not self.stopped.is_set():
            while len(self.sockets) < self.number and not self.stopped.is_set():
                with suppress(OSError):
                    self.sockets.append(open_socket(self.site))
            self.max_open = max(self.max_open, len(self.sockets))
            for client in list(self.sockets):
                try:
                    client.send(b"X-Slow: yes\r\n")
                except OSError:  # nginx closed it
                    self.sockets.remove(client)
            self.stopped.wait(1)
        for client in self.sockets:
            client.close()


def run(site: Site, numbers: Numbers) -> list[str]:
    with Readers(site, lambda: random.choice(site.pages)) as before:  # noqa: S311
        sleep(min(5, numbers.seconds))
    clients = SlowClients(site, numbers.sockets)
    clients.start()
    try:
        wait_until(lambda: clients.max_open, 60)
        with Readers(site, lambda: random.choice(site.pages)) as readers:  # noqa: S311
            sleep(numbers.seconds)
    finally:
        clients.stopped.set()
        clients.join()
    print(f"readers before: {before}")
    print(f"readers meanwhile: {readers}; sockets at a time: {clients.max_open}")
    failures = []
    if readers.failures:
        failures.append(f"{len(readers.failures)} requests failed: {readers.failures[:5]}")
    p99 = readers.percentile_ms(0.99)
    if p99 > numbers.max_p99_ms:
        failures.append(f"p99 is {p99:.0f} ms")
    return failures


def open_socket(site: Site) -> socket.socket:
    """Open a socket; every second one completes the TLS handshake."""
    plain = socket.create_connection(("127.0.0.1", site.https), timeout=5)
    if plain.fileno() % 2:
        return plain
    encrypted = UNVERIFIED.wrap_socket(plain, server_hostname="localhost")
    encrypted.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    return encrypted
