"""An HTTP client that sends requests to one node or the other."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

PASSWORD = "correct-horse-battery"  # noqa: S105


class Response:
    def __init__(self, response) -> None:
        self.status, self.headers, self.content = response.status, response.headers, response.read()
        self.text = self.content.decode(errors="replace")

    @property
    def static(self) -> list[str]:
        return sorted(set(re.findall(r"/static/[\w./-]+", self.text)))


class Browser:
    """Send requests with the cookies and proxy headers of one user."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}

    def request(self, port: int, path: str, fields: dict | None = None) -> Response:
        headers = {
            "Host": self.site.partition("://")[2],
            "X-Forwarded-Proto": "https",
            "X-Real-IP": "192.0.2.1",
            "Origin": self.site,
            "Referer": f"{self.site}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if not self.cookies:
            del headers["Cookie"]
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(
                "GET" if fields is None else "POST", path, fields and urlencode(fields), headers
            )
            response = Response(connection.getresponse())
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response

    def submit(self, port: int, path: str, **changed: str) -> Response:
        form = dict(
            re.findall(
                r'<input type="hidden" name="([^"]+)" value="([^"]*)"',
                self.request(port, path).text,
            )
        )
        return self.request(port, path, form | changed)

    def sign_in(self, port: int) -> Response:
        self.cookies.clear()
        return self.submit(port, "/admin/login/", username="chief", password=PASSWORD)
