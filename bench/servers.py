"""Start real servers as deploy/ configures them, each in its own folder, on the loopback only."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGALRM, SIGCONT, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import psycopg

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
# Collecting and compressing takes a minute, so the result is used again by later runs.
STATIC = ROOT / "var" / "bench-static"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def wait_until(
    condition: Callable[[], object],
    seconds: float = 30,
    process: subprocess.Popen | None = None,
) -> float:
    """Wait until `condition()` is true, and return the seconds that took.

    Raises TimeoutError after `seconds`, and RuntimeError when `process` ends.
    """
    start = monotonic()
    while monotonic() < start + seconds:
        with suppress(OSError):
            if condition():
                return monotonic() - start
        if process and process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}.")
        sleep(0.01)
    raise TimeoutError(f"A condition was not met in {seconds:.0f} s.")


def listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


@contextmanager
def running(
    command: list, *, stop_signal: int = SIGTERM, log: Path, **options
) -> Iterator[subprocess.Popen]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **options)  # noqa: S603
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(stop_signal)
            process.send_signal(SIGCONT)  # a stopped process handles no other signal
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(*command, **options) -> str:
    result = subprocess.run(command, capture_output=True, text=True, **options)  # noqa: S603
    if result.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {result.stdout}{result.stderr}")
    return result.stdout


def stop_in_time(seconds: int | None) -> None:
    """Raise SystemExit on SIGTERM and after `seconds`, so that `with` blocks stop their servers."""

    def stop(number: int, frame: object) -> None:
        sys.exit(f"Stopped by {signal.Signals(number).name}.")

    signal.signal(SIGTERM, stop)
    signal.signal(SIGALRM, stop)
    if seconds:
        signal.alarm(seconds)


def copy_static(target: Path) -> None:
    """Copy the collected static files to `target`; collect them first if static/ has changed."""
    changed_at = max(path.stat().st_mtime for path in (ROOT / "static").rglob("*"))
    if not STATIC.exists() or STATIC.stat().st_mtime < changed_at:
        with TemporaryDirectory(prefix="magazine-static-") as folder:
            environment = os.environ | {
                "SECRET_KEY": "collects static files",
                "SITE_URL": "https://127.0.0.1",
                "DATA_DIR": folder,
            }
            command = ["manage.py", "collectstatic", "--noinput", "--verbosity=0"]
            run(sys.executable, *command, cwd=ROOT, env=environment)
            shutil.rmtree(STATIC, ignore_errors=True)
            STATIC.parent.mkdir(exist_ok=True)
            shutil.move(Path(folder) / "static", STATIC)
        STATIC.touch()
    shutil.copytree(STATIC, target)


def certificate(folder: Path) -> None:
    """Make a self-signed certificate, as docs/operations.md does for the first start."""
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
    """Return the configuration of deploy/ with its variables set and all paths in `folder`."""
    variables = {
        "SITE_URL": f"https://127.0.0.1:{https}",
        "DATA_DIR": str(data_dir),
        "NODES": " ".join(f"server 127.0.0.1:{node};" for node in nodes),
        "PATH": os.environ["PATH"],
    }
    template = (DEPLOY / "nginx.conf.template").read_bytes()
    command = ["envsubst", " ".join(f"${name}" for name in variables if name != "PATH")]
    text = subprocess.run(  # noqa: S603
        command, input=template, env=variables, stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    for path in [
        "/etc/magazine/tls",
        "/var/log/nginx",
        "/var/log/magazine",
        "/var/lib/nginx/pages",
        "/var/www/acme",
        "/run",
    ]:
        text = text.replace(f" {path}", f" {folder}{path}")
        (folder / path[1:]).mkdir(parents=True, exist_ok=True)
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.M)
    text = text.replace("listen 80 ", f"listen 127.0.0.1:{http} ").replace(
        "listen 443 ", f"listen 127.0.0.1:{https} "
    )
    text = text.replace("user www-data;", "user root;")  # only this user can read the folder
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
    with running(command, stop_signal=SIGQUIT, log=folder / "nginx.log") as process:
        wait_until(lambda: listens(https), process=process)
        yield process


class PostgreSQL:
    """A PostgreSQL server with its data in `folder`."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.url = f"postgresql://magazine@127.0.0.1:{self.port}/postgres"
        newest = max(Path("/usr/lib/postgresql").iterdir(), key=lambda version: int(version.name))
        self.programs = newest / "bin"
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen | None = None

    def create(self) -> None:
        options = ["-U", "magazine", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self._make_data("initdb", *options)

    def follow(self, primary: "PostgreSQL") -> None:
        """Create the data as a streaming replica of `primary`."""
        self._make_data("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-d", primary.url)

    def _make_data(self, program: str, *options) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not os.geteuid():
            shutil.chown(self.folder, "postgres", "postgres")
        run(
            *self._as_postgres(),
            self.programs / program,
            "-D",
            self.folder / "data",
            *options,
            cwd="/",
        )

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        command = [*self._as_postgres(), self.programs / "postgres", "-D", self.folder / "data"]
        command += [argument for choice in options for argument in ["-c", choice]]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")  # noqa: S603
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, process=self.process)  # noqa: S603

    def kill(self) -> None:
        """Kill all processes of the server."""
        self._send(SIGKILL)
        self.process.wait()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Stop all processes for a while: connections stay open without replies."""
        self._send(SIGSTOP)
        try:
            yield
        finally:
            self._send(SIGCONT)

    def _send(self, number: int) -> None:
        for process in [self.process.pid, *children(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self._send(SIGCONT)
            self.process.send_signal(SIGINT)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill()

    def query(self, statement: str, *values) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _as_postgres(self) -> list[str]:
        if os.geteuid():
            return []
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in children]


@contextmanager
def gunicorn(
    folder: Path, listen: int | socket.socket, variables: dict[str, str]
) -> Iterator[subprocess.Popen]:
    """Run gunicorn at a port, or at a socket that it inherits as from systemd."""
    command = [sys.executable, "-m", "gunicorn", "-c", DEPLOY / "gunicorn.conf.py", "magazine.wsgi"]
    options = {"cwd": ROOT, "env": os.environ | variables, "log": folder / "gunicorn.log"}
    if isinstance(listen, int):
        options["env"]["PORT"] = str(listen)
    else:
        # Descriptor 3 is the socket, and LISTEN_PID the process that may use it.
        hand_over = f'exec 3<&{listen.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        command = ["bash", "-c", hand_over, "bash", *command]
        options["pass_fds"] = [listen.fileno()]
    with running(command, **options) as process:
        yield process
