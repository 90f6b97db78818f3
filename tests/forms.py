"""Read the form of an admin page and send it as a browser does."""

from html.parser import HTMLParser

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

# Forms of the page header, of the sidebar and of the search box.
OTHER_FORMS = {"logout-form", "theme-toggle", "changelist-search"}


def form_data(response: HttpResponse, **changed) -> dict[str, list[str]]:
    """Return what the form of a page sends after a user has changed some fields.

    No button is pressed; a button is given like a changed field.
    """
    parser = _FormParser()
    parser.feed(response.content.decode())
    data = dict(parser.values)
    for name, value in changed.items():
        data[name] = value if isinstance(value, list) else [value]
    return data


def submit(browser: Client, address: str, **changed) -> HttpResponse:
    """Open a page, change some fields of its form and send it."""
    page = browser.get(address)
    return browser.post(address, form_data(page, **changed))


def messages_of(response: HttpResponse) -> list[str]:
    """Return the messages that the next page shows."""
    return [str(message) for message in get_messages(response.wsgi_request)]


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.is_within_form = False
        self.name = ""
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list) -> None:
        attributes = dict(attributes)
        name = attributes.get("name")
        match tag:
            case "form":
                self.is_within_form = attributes.get("id") not in OTHER_FORMS
            case "input" if self.is_within_form and name:
                self._add_input(name, attributes)
            case "select":
                self.name = name
            case "option" if self.is_within_form and "selected" in attributes:
                self._add(self.name, attributes.get("value", ""))
            case "textarea" if self.is_within_form:
                self.name = name
                self.text = []

    def _add_input(self, name: str, attributes: dict) -> None:
        kind = attributes.get("type")
        if kind in {"submit", "file", "search"}:
            return
        if kind in {"checkbox", "radio"} and "checked" not in attributes:
            return
        default = "on" if kind == "checkbox" else ""
        self._add(name, attributes.get("value", default))

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_within_form = False
        if tag == "textarea" and self.text is not None:
            self.values[self.name] = ["".join(self.text).removeprefix("\n")]
            self.text = None
