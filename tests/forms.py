"""A page's form as a browser would send it."""

from html.parser import HTMLParser

from django.contrib.messages import get_messages
from django.test import Client


def filled_in(response, **changed) -> dict[str, list[str]]:
    """What the page's own form sends if nobody touches it but for what is `changed`; no button is pressed."""
    form = _Form()
    form.feed(response.content.decode())
    return form.values | {
        name: value if isinstance(value, list) else [value] for name, value in changed.items()
    }


def submit(browser: Client, address: str, **changed):
    """Open a page, change something in its form and send it. A button is named like what is changed."""
    return browser.post(address, filled_in(browser.get(address), **changed))


def told(response) -> list[str]:
    """What the messages on top of the next page say."""
    return [str(message) for message in get_messages(response.wsgi_request)]


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.within = False
        self.name = ""
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list) -> None:
        attributes = dict(attributes)
        name = attributes.get("name")
        match tag:
            case "form":
                # The page's header and its list of applications have forms of their own.
                self.within = attributes.get("id") not in {
                    "logout-form",
                    "theme-toggle",
                    "changelist-search",
                }
            case "input" if self.within and name:
                self._take_input(name, attributes)
            case "select":
                self.name = name
            case "option" if self.within and "selected" in attributes:
                self.values.setdefault(self.name, []).append(attributes.get("value", ""))
            case "textarea" if self.within:
                self.name, self.text = name, []

    def _take_input(self, name: str, attributes: dict) -> None:
        kind = attributes.get("type")
        if kind in {"submit", "file", "search"} or (
            kind in {"checkbox", "radio"} and "checked" not in attributes
        ):
            return
        self.values.setdefault(name, []).append(
            attributes.get("value", "on" if kind == "checkbox" else "")
        )

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.within = False
        if tag == "textarea" and self.text is not None:
            self.values[self.name] = ["".join(self.text).removeprefix("\n")]
            self.text = None
