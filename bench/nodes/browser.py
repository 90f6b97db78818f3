"""Somebody who asks one node or the other."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

PASSWORD = "correct-horse-battery"  # noqa: S105


class Answer:
    def __init__(self, response) -> None:
        self.status, self.headers, self.content = response.status, response.headers, response.read()
        self.text = self.content.decode(errors="replace")

    @property
    def static(self) -> list[str]:
        return sorted(set(re.findall(r"/static/[\w./-]+", self.text)))


class Browser:
    """Somebody with cookies, at a node or at nginx, as nginx would hand it over."""

    def __init__(self, site: str) -> None:
        self.site, self.cookies = site, {}

    def ask(self, port: int, path: str, sent: dict | None = None) -> Answer:
        headers = {
            "Host": self.site.partition("://")[2],
            "X-Forwarded-Proto": "https",
            "X-Real-IP": "192.0.2.1",
            "Origin": self.site,
            "Referer": f"{self.site}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if not self.cookies:
            del headers["Cookie"]
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(
                "GET" if sent is None else "POST", path, sent and urlencode(sent), headers
            )
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def submit(self, port: int, path: str, **changed: str) -> Answer:
        form = dict(
            re.findall(
                r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.ask(port, path).text
            )
        )
        return self.ask(port, path, form | changed)

    def sign_in(self, port: int) -> Answer:
        self.cookies.clear()
        return self.submit(port, "/admin/login/", username="chief", password=PASSWORD)
