"""nginx with the configuration that operators install, in front of gunicorn with ours."""

import gzip
import json
import re
import subprocess

import brotli
import pytest
from axes.models import AccessAttempt
from django.conf import settings

from tests.builders import a_publication

PICTURE = "pictures/2024/03/" + "0" * 32 + "-1500x900.jpg"


def static_file(site, pattern: str) -> str:
    names = json.loads((site.data / "static" / "staticfiles.json").read_text())["paths"]
    return f"/static/{names[pattern]}"


def put(site, name: str, content: bytes) -> str:
    path = site.data / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return f"/media/{name}"


class TestConnections:
    def test_connection_uses_http_2_over_tls(self, site):
        answer = site.ask("/")
        assert (answer.protocol, answer.status) == ("HTTP/2", 200)
        assert "</html>" in answer.text
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")

    @pytest.mark.parametrize("version", ["1.2", "1.3"])
    def test_connection_accepts_tls_1_2_and_1_3(self, machine, version):
        assert (
            machine.ask("/static/favicon.svg", f"--tlsv{version}", "--tls-max", version).status
            == 200
        )

    def test_connection_refuses_older_tls(self, machine):
        old = ["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]
        with pytest.raises(subprocess.CalledProcessError) as refusal:
            machine.ask("/static/favicon.svg", *old)
        assert refusal.value.returncode == 35

    def test_connection_without_tls_is_redirected(self, machine):
        answer = machine.ask(f"http://127.0.0.1:{machine.http}/articles/1/?page=2")
        assert (answer.status, answer.headers["location"]) == (
            301,
            f"{machine.url}/articles/1/?page=2",
        )

    def test_connection_without_tls_serves_acme_challenges(self, machine):
        challenge = machine.folder / "var/www/acme/.well-known/acme-challenge/token"
        challenge.parent.mkdir(parents=True)
        challenge.write_text("proof")
        assert (
            machine.ask(f"http://127.0.0.1:{machine.http}/.well-known/acme-challenge/token").text
            == "proof"
        )


class TestStaticFiles:
    @pytest.mark.parametrize(
        ("accepted", "encoding", "unpack"),
        [
            ("gzip, deflate, br", "br", brotli.decompress),
            ("gzip, deflate", "gzip", gzip.decompress),
            ("identity", None, bytes),
        ],
    )
    def test_static_file_is_sent_precompressed(self, machine, accepted, encoding, unpack):
        answer = machine.ask(static_file(machine, "site.css"), "-H", f"Accept-Encoding: {accepted}")
        assert answer.status == 200
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.headers["vary"] == "Accept-Encoding"
        css = unpack(answer.body)
        assert css == unpack(answer.body)
        assert len(css) == (machine.data / static_file(machine, "site.css")[1:]).stat().st_size

    def test_static_file_is_immutable_only_with_a_hash(self, machine):
        hashed = machine.ask(static_file(machine, "site.js")).headers["cache-control"]
        assert hashed == "public, max-age=315360000, immutable"
        assert machine.ask("/static/site.js").headers["cache-control"] == "public, max-age=60"

    def test_static_file_is_not_served_by_gunicorn(self, machine):
        address = static_file(machine, "head.js")
        machine.ask(address)
        assert machine.logged(address)[0]["upstream"] == ""


class TestHiddenFiles:
    @pytest.mark.parametrize(
        "path",
        [
            "/.env",
            "/.git/config",
            "/static/.hidden",
            "/static/a/.hidden.css",
            "/static/staticfiles.json",
            "/static/staticfiles.json.br",
            "/media/.hidden.jpg",
            "/media/",
        ],
    )
    def test_hidden_file_is_refused_by_nginx(self, machine, path):
        (machine.data / "media" / ".hidden.jpg").touch()
        (machine.data / "static" / ".hidden").touch()
        assert machine.ask(path).status == 404
        assert machine.logged(path)[0]["upstream"] == ""

    @pytest.mark.parametrize(
        "path", ["/static/../db.sqlite3", "/media/..%2fdb.sqlite3", "/media/%2e%2e/db.sqlite3"]
    )
    def test_hidden_file_is_not_reached_by_dots(self, site, path):
        (site.data / "db.sqlite3").touch()
        assert site.ask(path).status == 404


class TestMedia:
    @pytest.mark.parametrize(
        ("name", "content_type", "disposition"),
        [
            (PICTURE, "image/jpeg", "inline"),
            ("documents/2024/03/a.pdf", "application/pdf", "attachment"),
        ],
    )
    def test_media_file_is_sandboxed(self, machine, name, content_type, disposition):
        answer = machine.ask(put(machine, name, b"<script>alert(1)</script>"))
        assert answer.status == 200
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-disposition"] == disposition
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    @pytest.mark.parametrize("name", ["a.html", "a.svg", "a.js", "a.php", "a", "a.jpg.html"])
    def test_media_file_of_another_type_is_refused(self, machine, name):
        assert machine.ask(put(machine, name, b"<script>alert(1)</script>")).status == 404

    def test_media_picture_replaces_a_missing_rendition(self, site):
        put(site, PICTURE, b"the picture")
        answer = site.ask(f"/media/{PICTURE}.400.webp")
        assert (answer.body, answer.headers["content-type"]) == (b"the picture", "image/jpeg")
        answer = site.ask(put(site, f"{PICTURE}.800.webp", b"rendition"))
        assert (answer.body, answer.headers["content-type"]) == (b"rendition", "image/webp")
        assert site.ask(f"/media/{PICTURE}x.400.webp").status == 404


class TestBodies:
    def send(self, site, tmp_path, path: str, size: int, *options: str):
        body = tmp_path / "body"
        body.write_bytes(b"x" * size)
        return site.ask(
            path,
            "-X",
            "POST",
            "-H",
            "Content-Type: text/plain",
            "--data-binary",
            f"@{body}",
            *options,
        )

    def test_body_of_readers_is_limited_to_16_kb(self, site, tmp_path):
        address = f"{a_publication().get_absolute_url()}read/"
        answer = self.send(site, tmp_path, address, 20_000)
        assert answer.status == 413
        assert "文件太大" in answer.text
        assert site.logged(address)[0]["upstream"] == ""

    @pytest.mark.parametrize("chunked", [[], ["-H", "Transfer-Encoding: chunked", "--http1.1"]])
    def test_body_without_a_session_is_refused_unread(self, site, tmp_path, chunked):
        answer = self.send(site, tmp_path, "/admin/upload/picture/", 200_000, *chunked)
        assert answer.status == 413

    def test_body_of_editors_is_limited_to_12_mb(self, site, tmp_path):
        assert (
            self.send(
                site, tmp_path, "/admin/articles/article/add/", 11_000_000, *site.session
            ).status
            == 403
        )
        assert (
            self.send(
                site, tmp_path, "/admin/articles/article/add/", 13_000_000, *site.session
            ).status
            == 413
        )

    def test_body_of_an_issue_is_limited_to_101_mb(self, site, tmp_path):
        assert (
            self.send(
                site, tmp_path, "/admin/magazine/issue/add/", 100_000_000, *site.session
            ).status
            == 403
        )
        assert (
            self.send(
                site, tmp_path, "/admin/magazine/issue/add/", 107_000_000, *site.session
            ).status
            == 413
        )


class TestForwardedHeaders:
    def test_forwarded_address_is_the_one_of_the_connection(self, site):
        login = site.ask("/admin/login/", "-c", site.folder / "cookies")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', login.text)[1]
        claims = ["X-Real-IP: 192.0.2.1", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"]
        headers = [argument for claim in claims for argument in ["-H", claim]]
        form = f"csrfmiddlewaretoken={token}&username=nobody&password=guess"
        cookies = ["-b", site.folder / "cookies", "-e", f"{site.url}/admin/login/"]
        assert site.ask("/admin/login/", "-d", form, *cookies, *headers).status == 200
        assert AccessAttempt.objects.get(username="nobody").ip_address == "127.0.0.1"

    def test_forwarded_host_is_the_one_of_the_request(self, site):
        assert site.ask("/", "-H", "Host: somebody.example").status == 400


class TestInvalidRequests:
    @pytest.mark.parametrize(
        ("path", "options", "status"),
        [
            ("/authors/100%/", [], 400),
            ("/authors/100%/", ["--http1.1"], 400),
            (f"/search/?q={'x' * 9000}", ["--http1.1"], 414),
            ("/", ["--http1.1", "-H", f"Cookie: a={'x' * 9000}"], 400),
        ],
        ids=["broken", "broken, of HTTP/1.1", "long address", "many cookies"],
    )
    def test_invalid_request_is_refused_in_chinese(self, machine, path, options, status):
        answer = machine.ask(path, *options)
        assert (answer.status, answer.headers["cache-control"]) == (status, "no-store")
        assert "无法识别的请求" in answer.text

    @pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
    def test_long_request_that_nginx_accepts_is_answered(self, site, protocol):
        assert site.ask(f"/search/?q={'x' * 8000}", protocol).status == 200


class TestHealthEndpoints:
    def test_health_endpoints_show_no_details_through_nginx(self, site):
        assert site.ask("/healthz").status == 200
        assert len(site.ask("/readyz").text.split()) == 1
        assert site.ask("/metrics").status in {403, 404}

    def test_health_endpoints_are_never_cached(self, site):
        for _ in range(2):
            site.ask("/healthz")
        assert {line["cache"] for line in site.logged("/healthz", times=2)} == {""}


class TestLog:
    def test_log_escapes_every_value(self, site):
        path = '/"},%0a%0d\\x'
        site.ask(path, "-H", 'User-Agent: "},\t\\ 浏览器', "-H", "Referer: \x01\x7f")
        [line] = site.logged(path)
        assert line["agent"] == '"},\t\\ 浏览器'
        assert line["address"] == "127.0.0.1"
        assert line["port"].isdecimal()
        assert re.fullmatch(r"[0-9a-f]{32}", line["id"])

    def test_log_is_rotated_after_190_days(self, machine, tmp_path):
        rules = (settings.BASE_DIR / "deploy" / "logrotate.conf").read_text()
        assert re.findall(r"^ +(daily|rotate \d+)$", rules, re.M) == ["daily", "rotate 190"]
        copy = tmp_path / "logrotate.conf"
        copy.write_text(
            rules.replace("www-data adm", "root root").replace(
                " /var/log", f" {machine.folder}/var/log"
            )
        )
        done = subprocess.run(  # noqa: S603
            ["/usr/sbin/logrotate", "--debug", "--state", tmp_path / "state", copy],
            capture_output=True,
            text=True,
        )
        assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr


class TestRateLimits:
    # Each test uses its own address, since the limits count by address.
    def test_rate_limit_of_pages_answers_429(self, site):
        address = a_publication().get_absolute_url()
        site.ask(address)
        crowd = [
            argument for _ in range(400) for argument in ["-o", "/dev/null", site.url + address]
        ]
        site.ask(address, *crowd, "--interface", "127.0.0.2", "--parallel", "--parallel-max", "50")
        statuses = [line["status"] for line in site.logged(address, times=402)]
        assert {*statuses} == {"200", "429"}
        assert statuses.count("200") > 150
        assert site.ask(address).status == 200

    def test_rate_limit_of_logins_answers_429(self, site):
        guesses = [
            argument
            for _ in range(30)
            for argument in ["-o", "/dev/null", f"{site.url}/admin/login/"]
        ]
        site.ask("/admin/login/", "-d", "username=a", *guesses, "--interface", "127.0.0.3")
        answer = site.ask("/admin/login/", "-d", "username=a", "--interface", "127.0.0.3")
        assert (answer.status, answer.headers["retry-after"]) == (429, "5")
        assert "稍等几秒再试" in answer.text
        assert site.ask("/admin/login/", "--interface", "127.0.0.3").status == 200
