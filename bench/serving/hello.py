"""(f) The least that a WSGI application can do, with as many bytes as a compressed article has."""

CONTENT = b"." * 8000


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(CONTENT)))])
    return [CONTENT]
