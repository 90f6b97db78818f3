"""(f) A minimal WSGI application with as many bytes as a compressed article."""

CONTENT = b"." * 8000


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(CONTENT)))])
    return [CONTENT]
