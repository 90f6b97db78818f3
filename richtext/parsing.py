"""Parse HTML into a tree of containers (lists, tables, quotes, figures) and their text blocks.

Three kinds of elements are told apart. Marks are inline and become a property of each piece of
text. Text blocks and wrappers (<p>, <h2>, <div>) begin a paragraph. Only containers become nodes
of the tree: wrappers may be nested without limit, and the tree stays at most MAX_DEPTH lists,
tables, quotes and figures deep.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

from richtext.inline import (
    Line,
    Mark,
    Piece,
    add_text,
    collapse_spaces,
    start_tag,
    write_line,
    write_paragraphs,
)
from richtext.layout import Attributes, Layout, class_attribute, read_layout, read_size

REPLACEMENT_TAGS = {
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "b": "strong",
    "i": "em",
    "ins": "u",
    "strike": "s",
}

# Elements that begin a paragraph and have no other meaning.
WRAPPERS = {
    "address",
    "article",
    "aside",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "header",
    "legend",
    "main",
    "menu",
    "nav",
    "pre",
    "section",
    "summary",
}

MARKS = {"a", "strong", "em", "u", "s", "del", "sup", "sub"}
CAPTION_TAGS = {"table": "caption", "figure": "figcaption"}  # by container
CAPTIONS = {"caption", "figcaption"}
TEXT_BLOCKS = {"p", "h2", "h3", "h4"}
LISTS = {"ol", "ul"}
CONTAINERS = {"ol", "ul", "blockquote", "figure", "table"}
MAX_DEPTH = 8  # containers in each other; deeper ones become paragraphs

# The children that a container is limited to. They are containers there, and wrappers elsewhere.
CHILDREN = {
    "ol": {"li"},
    "ul": {"li"},
    "table": {"caption", "thead", "tbody", "tfoot"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"th", "td"},
}
CONTAINER_ATTRIBUTES = {"colspan", "rowspan", "scope", "start", "type"}


@dataclass(slots=True)
class Block:
    """A block of the result: inline HTML, or the blocks inside it, or first one then the other."""

    tag: str
    html: str = ""
    layout: Layout = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    children: list["Block"] = field(default_factory=list)
    is_bare: bool = False  # a paragraph to be written without its tags if it has no class


@dataclass(slots=True)
class Container:
    """An element that holds blocks. The root of the tree has no tag."""

    tag: str
    layout: Layout = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    depth: int = 0  # number of CONTAINERS from the root to here
    children: list["Block | Container"] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)  # HTML of the pictures of a figure


class Context(NamedTuple):
    """The effect of the open elements on the text that follows."""

    container: Container
    tag: str  # of the blocks that text becomes
    layout: Layout
    marks: tuple[Mark, ...]


def parse(html: str, classes: dict[str, set[str]]) -> Container:
    """Return the tree of `html`, in which each element must be closed.

    `classes` are the permitted classes by tag.
    """
    parser = _TreeParser(classes)
    parser.feed(html)
    parser.close()
    parser.end_paragraph()
    return parser.root


class _TreeParser(HTMLParser):
    """Build the tree while reading, with one context for each open element."""

    def __init__(self, classes: dict[str, set[str]]) -> None:
        super().__init__()
        self.classes = classes
        self.root = Container("")
        self.contexts = [Context(self.root, "p", {}, ())]
        self.lines: list[Line] = [[]]
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = REPLACEMENT_TAGS.get(tag, tag)
        attributes = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.lines.append([])
        elif tag == "hr":
            self.end_paragraph()
            self.contexts[-1].container.children.append(Block("hr"))
        elif tag == "img":
            self.add_picture(attributes)
        elif tag in MARKS:
            self.contexts.append(self.open_mark(tag, attributes))
        else:
            self.end_paragraph()
            if self.is_container(tag):
                self.contexts.append(self.open_container(tag, attributes))
            else:
                self.contexts.append(self.open_text_block(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if REPLACEMENT_TAGS.get(tag, tag) not in MARKS:
            self.end_paragraph()
        self.contexts.pop()

    def handle_data(self, data: str) -> None:
        add_text(self.lines[-1], data, self.contexts[-1].marks)

    def end_paragraph(self) -> None:
        """Add the lines read so far to the container that is open."""
        lines = self.lines
        self.lines = [[]]
        context = self.contexts[-1]
        for html, is_indented in write_paragraphs(lines):
            layout = context.layout
            if is_indented and layout.get("indent") == "no-indent":
                # Word writes an indent of zero where spaces make the indent.
                layout = layout | {"indent": ""}
            context.container.children.append(Block(context.tag, html, layout))

    def open_mark(self, tag: str, attributes: Attributes) -> Context:
        context = self.contexts[-1]
        mark = Mark(tag, {})
        if tag == "a":
            mark.attributes = self.link_attributes(attributes)
            if not mark.attributes:
                return context
        if any(tag == outer.tag for outer in context.marks):
            return context
        if tag == "a" and "href" not in mark.attributes:
            # An anchor is a point in the text: it is written empty, before its content.
            anchor = start_tag(tag, mark.attributes) + "</a>"
            self.lines[-1].append(Piece(context.marks, element=anchor))
            return context
        return context._replace(marks=(*context.marks, mark))

    def open_container(self, tag: str, attributes: Attributes) -> Context:
        context = self.contexts[-1]
        own = {name: value for name, value in attributes.items() if name in CONTAINER_ATTRIBUTES}
        own |= self.claim_id(attributes.get("id", ""))
        container = Container(tag, read_layout(attributes), own)
        container.depth = context.container.depth + (tag in CONTAINERS)
        context.container.children.append(container)
        return Context(container, "p", {}, context.marks)

    def open_text_block(self, tag: str, attributes: Attributes) -> Context:
        """Return the context of a paragraph, heading, caption or wrapper.

        The outermost heading or caption determines the tag; the layout is inherited.
        """
        context = self.contexts[-1]
        if context.tag != "p":
            tag = context.tag
        elif not self.is_text_block(tag):
            tag = "p"
        return context._replace(tag=tag, layout=context.layout | read_layout(attributes))

    def is_container(self, tag: str) -> bool:
        container = self.contexts[-1].container
        if tag in CONTAINERS:
            return container.depth < MAX_DEPTH
        return tag not in CAPTIONS and tag in CHILDREN.get(container.tag, ())

    def is_text_block(self, tag: str) -> bool:
        if tag in CAPTIONS:
            return tag == CAPTION_TAGS.get(self.contexts[-1].container.tag)
        return tag in TEXT_BLOCKS

    def add_picture(self, attributes: Attributes) -> None:
        """Add a picture to the figure or the line; of a refused one only its alternative text."""
        context = self.contexts[-1]
        alt = collapse_spaces(attributes.get("alt", ""))
        if "src" not in attributes:
            self.handle_data(alt)
            return
        own = {"src": attributes["src"], "alt": alt} | read_size(attributes)
        own |= class_attribute("img", read_layout(attributes), self.classes)
        links = tuple(mark for mark in context.marks if mark.tag == "a")
        picture = Piece(links, element=start_tag("img", own))
        if context.container.tag == "figure" and context.tag == "p":
            context.container.pictures.append(write_line([picture]))
        else:
            self.lines[-1].append(picture)

    def link_attributes(self, attributes: Attributes) -> Attributes:
        """Return the attributes of a link or an anchor; none for an <a> that is neither."""
        # Word gives the anchors of its footnotes a name.
        own_id = self.claim_id(attributes.get("id") or attributes.get("name", ""))
        if "href" not in attributes:
            return own_id
        link = {"href": attributes["href"]} | own_id
        title = collapse_spaces(attributes.get("title", ""))
        if title:
            link["title"] = title
        if re.match("https?:", link["href"], re.IGNORECASE):
            link["rel"] = "noopener noreferrer"
        return link

    def claim_id(self, value: str) -> Attributes:
        """Return an id as an attribute, or nothing if an element before this has the same id."""
        if not value or value in self.ids:
            return {}
        self.ids.add(value)
        return {"id": value}
