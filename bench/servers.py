"""The real servers as deploy/ configures them, in a folder of their own, on the loopback, until their `with` ends."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM
from time import monotonic, sleep

import psycopg

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def wait_until(true, seconds: float = 30, process: subprocess.Popen | None = None) -> float:
    """Ask until it is true; answers how many seconds that took. Gives up after so many, or when the process ends."""
    start = monotonic()
    while monotonic() < start + seconds:
        with suppress(OSError):
            if true():
                return monotonic() - start
        if process and process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}.")
        sleep(0.01)
    raise TimeoutError


def listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


@contextmanager
def running(
    command: list, *, ends_by: int = SIGTERM, log: Path, **options
) -> Iterator[subprocess.Popen]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **options)  # noqa: S603
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(ends_by)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(*command, **options) -> str:
    result = subprocess.run(command, capture_output=True, text=True, **options)  # noqa: S603
    if result.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} said: {result.stdout}{result.stderr}")
    return result.stdout


def certificate(folder: Path) -> None:
    """One that nobody vouches for, as docs/operations.md makes it for the first start."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        *names,
        *made,
    )


def nginx_configuration(
    folder: Path, data_dir: Path, nodes: list[int], http: int, https: int
) -> str:
    """The committed one: its variables as operators set them, and the places of Debian's in `folder`."""
    variables = {
        "SITE_URL": f"https://127.0.0.1:{https}",
        "DATA_DIR": str(data_dir),
        "NODES": " ".join(f"server 127.0.0.1:{node};" for node in nodes),
        "PATH": os.environ["PATH"],
    }
    template = (DEPLOY / "nginx.conf.template").read_bytes()
    command = ["envsubst", " ".join(f"${name}" for name in variables if name != "PATH")]
    text = subprocess.run(
        command, input=template, env=variables, stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    for place in [
        "/etc/magazine/tls",
        "/var/log/nginx",
        "/var/log/magazine",
        "/var/lib/nginx/pages",
        "/var/www/acme",
        "/run",
    ]:
        text = text.replace(f" {place}", f" {folder}{place}")
        (folder / place[1:]).mkdir(parents=True, exist_ok=True)
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.M)
    text = text.replace("listen 80 ", f"listen 127.0.0.1:{http} ").replace(
        "listen 443 ", f"listen 127.0.0.1:{https} "
    )
    text = text.replace("user www-data;", "user root;")  # whoever we are: the folder is ours alone
    temporary = "".join(
        f"\n  {kind}_temp_path {folder}/{kind};"
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    )
    return text.replace("http {", f"http {{{temporary}", 1)


@contextmanager
def nginx(
    folder: Path, data_dir: Path, nodes: list[int], http: int, https: int
) -> Iterator[subprocess.Popen]:
    (folder / "nginx.conf").write_text(nginx_configuration(folder, data_dir, nodes, http, https))
    certificate(folder / "etc/magazine/tls")
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    command = [program, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    with running(command, ends_by=SIGQUIT, log=folder / "nginx.log") as process:
        wait_until(lambda: listens(https), process=process)
        yield process


class PostgreSQL:
    """A server of our own, with the house's database in it."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.url = f"postgresql://magazine@127.0.0.1:{self.port}/postgres"
        newest = max(Path("/usr/lib/postgresql").iterdir(), key=lambda version: int(version.name))
        self.programs = newest / "bin"
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen | None = None

    def create(self) -> None:
        choices = ["-U", "magazine", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self._make_data("initdb", *choices)

    def follow(self, primary: "PostgreSQL") -> None:
        """Instead of being created: as a streaming replica of another."""
        self._make_data("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-d", primary.url)

    def _make_data(self, program: str, *choices) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not os.geteuid():
            shutil.chown(self.folder, "postgres", "postgres")
        run(
            *self._as_postgres(),
            self.programs / program,
            "-D",
            self.folder / "data",
            *choices,
            cwd="/",
        )

    def start(self) -> None:
        """Answers when it takes connections."""
        choices = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        command = [*self._as_postgres(), self.programs / "postgres", "-D", self.folder / "data"]
        command += [argument for choice in choices for argument in ["-c", choice]]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")  # noqa: S603
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, process=self.process)  # noqa: S603

    def kill(self) -> None:
        """All its processes, without a word."""
        self._send(SIGKILL)
        self.process.wait()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It keeps its connections and says nothing."""
        self._send(SIGSTOP)
        try:
            yield
        finally:
            self._send(SIGCONT)

    def _send(self, signal: int) -> None:
        for process in [self.process.pid, *children(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(SIGINT)
            self.process.wait(timeout=60)

    def query(self, statement: str, *values) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _as_postgres(self) -> list[str]:
        return (
            []
            if os.geteuid()
            else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        )


def children(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


@contextmanager
def gunicorn(
    folder: Path, at: int | socket.socket, variables: dict[str, str]
) -> Iterator[subprocess.Popen]:
    """At a port of its own; or handed its socket as systemd does it, so that nobody is refused while it is away."""
    command = [sys.executable, "-m", "gunicorn", "-c", DEPLOY / "gunicorn.conf.py", "magazine.wsgi"]
    options = {"cwd": ROOT, "env": os.environ | variables, "log": folder / "gunicorn.log"}
    if isinstance(at, int):
        options["env"]["PORT"] = str(at)
    else:
        # The socket as descriptor 3, and for whom it is.
        hand_over = f'exec 3<&{at.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        command = ["bash", "-c", hand_over, "bash", *command]
        options["pass_fds"] = [at.fileno()]
    with running(command, **options) as process:
        yield process
