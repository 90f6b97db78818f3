"""A thousand sockets that never finish what they say, for half a minute: ordinary readers' p99 stays under 300 ms."""

import random
import socket
from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep

from bench.faults.house import UNVERIFIED, Readers, house

SOCKETS, SECONDS, LIMIT = 1000, 30, 300


def run() -> list[str]:
    with house() as site:
        over, open_ones = Event(), []
        with Readers(site, lambda: random.choice(site.pages)) as before:  # noqa: S311
            sleep(5)

        def talk_slowly() -> None:
            sockets = []
            while not over.is_set():
                while len(sockets) < SOCKETS and not over.is_set():
                    with suppress(OSError):
                        sockets.append(_opened(site))
                open_ones.append(len(sockets))
                for one in list(sockets):
                    try:
                        one.send(b"X-Slow: yes\r\n")
                    except OSError:  # shut by nginx
                        sockets.remove(one)
                over.wait(1)
            for one in sockets:
                one.close()

        slow = Thread(target=talk_slowly)
        slow.start()
        while not open_ones:
            sleep(0.1)
        with Readers(site, lambda: random.choice(site.pages)) as readers:  # noqa: S311
            begun = monotonic()
            while monotonic() < begun + SECONDS:
                sleep(1)
        over.set()
        slow.join()
    print(f"readers before: {before}")
    print(f"readers meanwhile: {readers}; sockets at a time: {max(open_ones)}")
    complaints = [f"{len(readers.failures)} readers were refused"] if readers.failures else []
    return complaints + ([f"p99 is {readers.p(0.99):.0f} ms"] if readers.p(0.99) > LIMIT else [])


def _opened(site):
    """Half of them within TLS, half before it."""
    plain = socket.create_connection(("127.0.0.1", site.https), timeout=5)
    if plain.fileno() % 2:
        return plain
    within = UNVERIFIED.wrap_socket(plain, server_hostname="localhost")
    within.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    return within
