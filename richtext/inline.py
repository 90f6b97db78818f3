"""Inline content: the pieces of a line of text, and the HTML of the paragraphs that lines make.

A piece is text together with the inline elements (marks) around it. Working on pieces, not on
nested elements, lets marks be merged, and white space be collapsed across them.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

# Control characters, soft hyphens, zero-width and direction marks: pasted along, never wanted.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
SPACES = re.compile(r"[ \t\n\f\r\xa0\u2028\u2029]+")
# An en space, an em space, an ideographic space or two no-break spaces.
INDENT = re.compile(r"\s*([\u2002\u2003\u3000]|\xa0\s*\xa0)")
# Word's source breaks lines between any two Chinese characters; browsers show a space there.
CHINESE = r"[\u2e80-\u9fff\uff00-\uffef]"
BREAK_IN_CHINESE = re.compile(rf"(?<={CHINESE})[ \t]*[\n\r]+[ \t]*(?={CHINESE})")


@dataclass(slots=True)
class Mark:
    """An inline element around text."""

    tag: str
    attributes: dict[str, str]

    def write_start_tag(self) -> str:
        """Return the start tag; only the first call writes the id.

        A link across two paragraphs is written twice, and an id must be unique.
        """
        html = start_tag(self.tag, self.attributes)
        self.attributes.pop("id", None)
        return html


class Piece(NamedTuple):
    """Text under the same marks, or the HTML of a picture or an anchor among text."""

    marks: tuple[Mark, ...]
    text: str = ""
    element: str = ""


Line = list[Piece]


def start_tag(tag: str, attributes: dict[str, str]) -> str:
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        parts.append(f'{name}="{escape(value)}"')
    return " ".join(parts) + ">"


def collapse_spaces(text: str) -> str:
    """Return the text of an attribute without invisible characters and superfluous spaces."""
    return SPACES.sub(" ", INVISIBLE.sub("", text)).strip()


def add_text(line: Line, text: str, marks: tuple[Mark, ...]) -> None:
    """Append text to a line, joining it to the last piece if that has the same marks."""
    text = INVISIBLE.sub("", text)
    if not text:
        return
    if line and line[-1].text and line[-1].marks == marks:
        text = line.pop().text + text
    line.append(Piece(marks, text))


def write_paragraphs(lines: list[Line]) -> list[tuple[str, bool]]:
    """Return the HTML of each paragraph, and whether spaces indented it.

    An empty line ends a paragraph, and an indented line begins one. Other lines are joined by <br>.
    """
    paragraphs: list[tuple[str, bool]] = []
    is_continued = False
    for line in lines:
        pieces = trim(line)
        if not pieces:
            is_continued = False
            continue
        html = write_line(pieces)
        is_indented = has_indent(line)
        if is_continued and not is_indented:
            paragraph, was_indented = paragraphs.pop()
            html = f"{paragraph}<br>{html}"
            is_indented = was_indented
        paragraphs.append((html, is_indented))
        is_continued = True
    return paragraphs


def has_indent(line: Line) -> bool:
    """Return whether a line begins with spaces that stand for an indent."""
    text = ""
    for piece in line:
        if piece.element:
            break
        text += piece.text
    return INDENT.match(text) is not None


def trim(line: Line) -> Line:
    """Return the line with single spaces inside and none at its ends."""
    pieces: Line = []
    after_space = True
    for piece in line:
        text = SPACES.sub(" ", BREAK_IN_CHINESE.sub("", piece.text))
        if not pieces:
            text = text.lstrip()
        elif after_space:
            text = text.lstrip(" ")
        if text or piece.element:
            pieces.append(piece._replace(text=text))
            after_space = text.endswith(" ")
    while pieces and not pieces[-1].element:
        last = pieces.pop()
        text = last.text.rstrip()
        if text:
            pieces.append(last._replace(text=text))
            break
    return pieces


def write_line(pieces: Line) -> str:
    """Return the HTML of pieces; a mark that neighbours share is opened once."""
    parts: list[str] = []
    opened: tuple[Mark, ...] = ()
    for piece in pieces:
        shared = count_shared_marks(opened, piece.marks)
        parts += end_tags(opened[shared:])
        for mark in piece.marks[shared:]:
            parts.append(mark.write_start_tag())
        parts.append(escape(piece.text, quote=False))
        parts.append(piece.element)
        opened = piece.marks
    parts += end_tags(opened)
    return "".join(parts)


def count_shared_marks(first: tuple[Mark, ...], second: tuple[Mark, ...]) -> int:
    """Return the number of marks with which both begin."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def end_tags(marks: tuple[Mark, ...]) -> list[str]:
    return [f"</{mark.tag}>" for mark in reversed(marks)]
