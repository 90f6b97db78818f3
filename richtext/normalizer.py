"""Write pasted text as plain blocks, in one normal form.

Word, WPS and web pages paste paragraphs that are indented by spaces, separated by line breaks and
wrapped in boxes. Normalizing the result again changes nothing. This module decides on form;
richtext/sanitizer.py decides before and after it which elements and attributes are safe.
"""

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from itertools import takewhile
from typing import NamedTuple

RENAMED = {"h1": "h2", "h5": "h4", "h6": "h4", "b": "strong", "i": "em", "ins": "u", "strike": "s"}

# Elements that begin a paragraph and say nothing else.
BLOCK_WRAPPERS = {
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
}
BLOCK_WRAPPERS |= {
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
CAPTION_OF = {"table": "caption", "figure": "figcaption"}
CAPTIONS = {*CAPTION_OF.values()}
LINES = {"p", "h2", "h3", "h4", *CAPTIONS}
LISTS = {"ol", "ul"}
CELLS = {"li", "th", "td"}
BOXES = {*LISTS, "blockquote", "figure", "table"}
MAX_DEPTH = 8

# Boxes that take these children and no others; the children mean nothing anywhere else.
CHILDREN = {
    "ol": {"li"},
    "ul": {"li"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"th", "td"},
}
CHILDREN["table"] = {"caption", "thead", "tbody", "tfoot"}

# Classes by what they govern: an element has one of each kind.
LAYOUT = {
    **dict.fromkeys(["align-left", "align-center", "align-right", "align-justify"], "alignment"),
    **dict.fromkeys(["indent", "no-indent"], "indent"),
    **dict.fromkeys(["image", "footnotes"], "kind"),
}
BOX_ATTRIBUTES = {"colspan", "rowspan", "scope", "start", "type"}

INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
SPACES = re.compile(r"[ \t\n\f\r\xa0\u2028\u2029]+")
INDENT = re.compile(r"\s*([\u2002\u2003\u3000]|\xa0\s*\xa0)")
# Word's source breaks anywhere between two Chinese characters; a browser would show a space there.
CHINESE = r"[\u2e80-\u9fff\uff00-\uffef]"
WRAPS = re.compile(rf"(?<={CHINESE})[ \t]*[\n\r]+[ \t]*(?={CHINESE})")


def normalize(html: str, classes: dict[str, set[str]]) -> str:
    """Return `html` in normal form; nh3 has closed every tag. `classes` lists those allowed."""
    writer = _Writer(classes)
    writer.feed(html)
    writer.close()
    return writer.text()


class Piece(NamedTuple):
    """Text with the same marks, or the HTML of a picture or an anchor in a line."""

    marks: list[tuple[str, dict[str, str]]]
    text: str = ""
    atom: str = ""


class Block(NamedTuple):
    """A finished block with its inner HTML."""

    tag: str
    html: str = ""
    layout: dict[str, str] = {}
    attributes: dict[str, str] = {}


class Box(NamedTuple):
    """An open element that contains blocks. The outermost one, the text, has no tag."""

    tag: str
    layout: dict[str, str]
    attributes: dict[str, str]
    blocks: list[Block]
    pictures: list[str]


class _Writer(HTMLParser):
    """Tells three kinds of elements apart. Marks stay with each piece of text; lines of pieces make
    paragraphs, headings and captions; boxes hold those and one another."""

    def __init__(self, classes: dict[str, set[str]]):
        super().__init__()
        self.classes = classes
        self.boxes = [Box("", {}, {}, [], [])]
        self.targets: list[tuple[str, dict]] = [("p", {})]  # what lines become: tag and layout
        self.lines: list[list[Piece]] = [[]]
        self.marks: list[tuple[str, dict[str, str]]] = []
        self.ids: set[str] = set()
        self.ends: list[Callable[[], object]] = []  # what the end tag of each open element does

    def text(self) -> str:
        self._end_lines()
        return self._joined(self.boxes[0].blocks)

    # Reading

    def handle_starttag(self, tag, attrs):
        tag, attributes = RENAMED.get(tag, tag), dict(attrs)
        layout = _layout(attributes)
        if tag == "br":
            self.lines.append([])
        elif tag == "hr":
            self._end_lines()
            self._add(Block("hr"))
        elif tag == "img":
            self._read_picture(attributes, layout)
        elif tag in MARKS:
            self.ends.append(self._begin_mark(tag, attributes))
        elif self._is_box(tag):
            self.ends.append(self._begin_box(tag, layout, attributes))
        else:
            self.ends.append(self._begin_target(tag, layout))

    def handle_endtag(self, tag):
        self.ends.pop()()

    def handle_data(self, data):
        text, line = INVISIBLE.sub("", data), self.lines[-1]
        if line and line[-1].text and line[-1].marks == self.marks:
            line[-1] = Piece(line[-1].marks, line[-1].text + text)
        elif text:
            line.append(Piece([*self.marks], text))

    def _read_picture(self, attributes, layout):
        alt = _visible(attributes.get("alt", ""))
        if "src" not in attributes:
            self.handle_data(alt)
            return
        picture = Block(
            "img", "", layout, {"src": attributes["src"], "alt": alt} | _size(attributes)
        )
        piece = Piece([mark for mark in self.marks if mark[0] == "a"], atom=self._start(picture))
        if self.boxes[-1].tag == "figure" and self.targets[-1][0] == "p":
            self.boxes[-1].pictures.append(self._inline([piece]))
        else:
            self.lines[-1].append(piece)

    def _begin_mark(self, tag, attributes):
        mark = (tag, self._link(attributes) if tag == "a" else {})
        if any(tag == outer for outer, _ in self.marks) or mark == ("a", {}):
            return lambda: None
        if tag == "a" and "href" not in mark[1]:
            # What can be jumped to is a place, not a stretch of text.
            self.lines[-1].append(Piece([*self.marks], atom=_start_tag(*mark) + "</a>"))
            return lambda: None
        self.marks.append(mark)
        return self.marks.pop

    def _link(self, attributes):
        # Word gives the anchors of its footnotes a name.
        link = self._claimed_id(attributes.get("id") or attributes.get("name"))
        if "href" not in attributes:
            return link
        link = {"href": attributes["href"]} | link
        if title := _visible(attributes.get("title", "")):
            link["title"] = title
        if re.match("https?:", link["href"], re.IGNORECASE):
            link["rel"] = "noopener noreferrer"
        return link

    def _claimed_id(self, name):
        """Return the id unless the text has it already."""
        claimed = {"id": name} if name and name not in self.ids else {}
        self.ids.update(claimed.values())
        return claimed

    def _is_box(self, tag):
        if tag in BOXES:
            return sum(box.tag in BOXES for box in self.boxes) < MAX_DEPTH
        return tag not in CAPTIONS and tag in CHILDREN.get(self.boxes[-1].tag, ())

    def _begin_box(self, tag, layout, attributes):
        self._end_lines()
        own = {name: value for name, value in attributes.items() if name in BOX_ATTRIBUTES}
        self.boxes.append(Box(tag, layout, own | self._claimed_id(attributes.get("id")), [], []))
        self.targets.append(("p", {}))
        return self._end_box

    def _begin_target(self, tag, layout):
        self._end_lines()
        outer, inherited = self.targets[-1]
        if tag not in LINES or (tag in CAPTIONS and tag != CAPTION_OF.get(self.boxes[-1].tag)):
            tag = "p"
        if outer != "p":
            tag = outer
        self.targets.append((tag, inherited | layout))
        return self._end_target

    # Writing

    def _end_target(self):
        self._end_lines()
        self.targets.pop()

    def _end_lines(self):
        """Make blocks of the lines read; an empty or an indented line begins a new block."""
        lines, self.lines = self.lines, [[]]
        tag, layout = self.targets[-1]
        block = None
        for line in lines:
            pieces = _trimmed(line)
            before_atoms = takewhile(lambda piece: not piece.atom, line)
            indented = INDENT.match("".join(piece.text for piece in before_atoms))
            if block and (indented or not pieces):
                self._add(block)
                block = None
            if block:
                block = block._replace(html=f"{block.html}<br>{self._inline(pieces)}")
            elif pieces:
                # Where spaces stand for the indent, an indent of nought does not mean what it says.
                spaced = {"indent": ""} if indented and layout.get("indent") == "no-indent" else {}
                block = Block(tag, self._inline(pieces), layout | spaced)
        if block:
            self._add(block)

    def _end_box(self):
        self._end_target()
        box = self.boxes.pop()
        blocks = [block for block in box.blocks if block.tag not in CAPTIONS]
        captions = [block.html for block in box.blocks if block.tag in CAPTIONS]
        caption = [Block(CAPTION_OF[box.tag], "<br>".join(captions))] if captions else []
        if box.tag in CELLS:
            blocks = self._cell(box)
        elif box.pictures:
            figure = "".join(box.pictures) + self._joined(caption)
            blocks = [Block("figure", figure, box.layout | {"kind": "image"}), *blocks]
        elif box.tag == "figure" or not blocks:
            blocks += [block._replace(tag="p") for block in caption]
        else:
            blocks = [Block(box.tag, self._joined(caption + blocks), box.layout, box.attributes)]
        for block in blocks:
            self._add(block)

    def _cell(self, box) -> list[Block]:
        """Unwrap a paragraph that is alone in a list item or cell; the cell gets its layout."""
        if box.tag == "li" and not box.blocks:
            return []
        blocks, layout = box.blocks, box.layout
        is_alone = sum(block.tag == "p" for block in blocks) == 1
        if is_alone and box.tag != "li":
            layout = layout | next(block.layout for block in blocks if block.tag == "p")
            blocks = [block._replace(layout={}) if block.tag == "p" else block for block in blocks]
        return [Block(box.tag, self._joined(blocks, bare=is_alone), layout, box.attributes)]

    def _add(self, block):
        """Add a block to the innermost box that allows it; text between rows moves before."""
        *_, box = (
            box
            for box in self.boxes
            if box.tag in LISTS or block.tag in CHILDREN.get(box.tag, [block.tag])
        )
        if box.tag not in LISTS or block.tag == "li":
            box.blocks.append(block)
        elif block.tag in LISTS and box.blocks:
            item = box.blocks.pop()
            box.blocks.append(item._replace(html=f"{item.html}\n{self._joined([block])}"))
        else:
            box.blocks.append(Block("li", self._joined([block], bare=True)))

    def _joined(self, blocks: list[Block], bare: bool = False) -> str:
        """Return the HTML of blocks; `bare` leaves out the tags of plain paragraphs."""
        return "\n".join(self._html(block, bare) for block in blocks)

    def _html(self, block: Block, bare: bool) -> str:
        start = self._start(block)
        if block.tag == "hr" or (bare and start == "<p>"):
            return block.html or start
        inner = f"\n{block.html}\n" if block.tag in {*CHILDREN, "blockquote"} else block.html
        return f"{start}{inner}</{block.tag}>"

    def _start(self, block: Block) -> str:
        attributes = dict(block.attributes)
        if classes := self.classes.get(block.tag, set()) & set(block.layout.values()):
            attributes["class"] = " ".join(sorted(classes))
        return _start_tag(block.tag, attributes)

    def _inline(self, pieces: list[Piece]) -> str:
        html, opened = "", []
        for piece in [*pieces, Piece([])]:
            pairs = zip(opened, piece.marks, strict=False)
            shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            html += "".join(f"</{tag}>" for tag, _ in reversed(opened[shared:]))
            for tag, attributes in piece.marks[shared:]:
                html += _start_tag(tag, attributes)
                attributes.pop("id", None)  # a link across two paragraphs has its id in the first
            html += escape(piece.text, quote=False) + piece.atom
            opened = piece.marks
        return html


def _start_tag(tag: str, attributes: dict[str, str]) -> str:
    return (
        " ".join([f"<{tag}", *(f'{name}="{escape(value)}"' for name, value in attributes.items())])
        + ">"
    )


def _trimmed(line: list[Piece]) -> list[Piece]:
    """Remove spaces around a line and collapse those inside."""
    kept, spaced = [], True
    for piece in line:
        text = SPACES.sub(" ", WRAPS.sub("", piece.text))
        if spaced:
            text = text.lstrip(" " if kept else None)
        if text or piece.atom:
            kept.append(piece._replace(text=text))
            spaced = text.endswith(" ")
    while kept and not kept[-1].atom:
        last = kept.pop()
        if text := last.text.rstrip():
            return [*kept, last._replace(text=text)]
    return kept


def _layout(attributes: dict[str, str]) -> dict[str, str]:
    """Return the layout that class, align and style of an element ask for.

    Ignore justified text and an indent of two characters: Word sets them on every paragraph, and
    the site does both anyway.
    """
    style = _style(attributes)
    layout = {}
    if re.fullmatch(r"-?(0*\.)?0+[a-z%]*", style.get("text-indent", "")):
        layout["indent"] = "no-indent"
    for alignment in (attributes.get("align", "").lower(), style.get("text-align", "")):
        if alignment in {"left", "center", "right"}:
            layout["alignment"] = f"align-{alignment}"
    return layout | {
        LAYOUT[name]: name for name in attributes.get("class", "").split() if name in LAYOUT
    }


def _size(attributes: dict[str, str]) -> dict[str, str]:
    """Return width and height of a picture in pixels, from its attributes or its style."""
    style = _style(attributes)
    size = {}
    for name in ("width", "height"):
        styled = re.fullmatch(r"([1-9][0-9]{0,3})(\.[0-9]+)?px", style.get(name, ""))
        if pixels := attributes.get(name) or (styled and styled[1]):
            size[name] = pixels
    return size


def _style(attributes: dict[str, str]) -> dict[str, str]:
    declarations = [text.partition(":") for text in attributes.get("style", "").lower().split(";")]
    return {name.strip(): value.split("!")[0].strip() for name, _, value in declarations}


def _visible(text: str) -> str:
    return SPACES.sub(" ", INVISIBLE.sub("", text)).strip()
