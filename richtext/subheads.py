"""Recognize the sub-heads of old texts: short lines between full paragraphs become headings."""

import re
from itertools import groupby
from typing import NamedTuple

from richtext.sanitizer import plain_text

ATTRIBUTES = r'(?: [a-z-]+="[^"]*")*'
BLOCK = re.compile(
    rf"<(p|h[234]|table|ul|ol|blockquote|figure)({ATTRIBUTES})>(.*?)</\1>", re.DOTALL
)
TEXT_BLOCK = re.compile(rf"<(p|h[234])({ATTRIBUTES})>(.*?)</\1>", re.DOTALL)

MIN_SUBHEAD_LENGTH = 2  # characters
MAX_SUBHEAD_LENGTH = 30  # official prose likes sub-heads of two or three clauses
MIN_PARAGRAPH_LENGTH = 40
# Two short lines in a row are a part and its first section. More are verse, or a list.
MAX_SUBHEADS_IN_A_ROW = 2
MIN_CLAUSE_LENGTH = 4  # names of persons are shorter

SENTENCE_END = re.compile(r"[。！？；：，、…—,.;:!?][”’」』）)]*$")
NUMBERED = re.compile(
    r"(第?[一二三四五六七八九十百]+[、章节．.]|[(（][一二三四五六七八九十]+[)）]|[0-9]{1,2}[、.．])"
)
# Captions, source notes and credits: short lines that are no headings.
NO_SUBHEAD = re.compile(
    r"[图表][\s0-9一二三四五六七八九十]|[（(].*[)）]$|本刊(记者|编辑|讯)"
    r"|(来源|作者|记者|文|图)\s*[:：/|｜]"
)
# Bylines, which old texts begin with: authors, their roles, organizations and datelines.
BYLINE = re.compile(
    r"通讯员|记者|编辑|编者|作者|评论员|特约|供稿|撰稿|整理|摄影|课题组|执笔|供图|口述|翻译|"
    r"(局|厅|部|委|处|科|所|院|校|系|大学|公司|集团|中心|办|社|会|组|队|站|银行|政府"
    r"|省|市|县|区|州|镇|乡|村|电|讯|日)"
    r"([\s　、，]|$)"
)
CLAUSE_SEPARATOR = re.compile(r"[\s　、，：；·—]+")


class Line(NamedTuple):
    """A top-level block as a candidate for a sub-head."""

    start: int  # offset in the HTML
    text: str
    is_short: bool
    is_full_paragraph: bool


def mark_subheads(html: str) -> str:
    """Turn short lines between full paragraphs into headings, in texts that have none."""
    if re.search("<h[234]", html):
        return html
    lines = [read_line(block) for block in BLOCK.finditer(html)]
    starts = {line.start for line in find_subheads(lines)}

    def replace(block: re.Match[str]) -> str:
        return write_heading(block[3]) if block.start() in starts else block[0]

    return TEXT_BLOCK.sub(replace, html)


def read_line(block: re.Match[str]) -> Line:
    tag, attributes, html = block.groups()
    text = plain_text(html)
    is_paragraph = tag == "p"
    is_short = (
        is_paragraph
        and MIN_SUBHEAD_LENGTH <= len(text) <= MAX_SUBHEAD_LENGTH
        and "align-right" not in attributes
        and not re.search("<(img|br)", html)
        and not SENTENCE_END.search(text)
        and not NO_SUBHEAD.match(text)
    )
    is_full_paragraph = is_paragraph and len(text) >= MIN_PARAGRAPH_LENGTH
    return Line(block.start(), text, is_short, is_full_paragraph)


def find_subheads(lines: list[Line]) -> list[Line]:
    """Return the short lines that have a full paragraph before and after them."""
    runs = [list(run) for _is_short, run in groupby(lines, lambda line: line.is_short)]
    subheads: list[Line] = []
    for before, run, after in zip(runs, runs[1:], runs[2:], strict=False):
        is_between = before[-1].is_full_paragraph and after[0].is_full_paragraph
        if is_between and run[0].is_short and len(run) <= MAX_SUBHEADS_IN_A_ROW:
            subheads += run
    if subheads and begins_with_subhead(runs, subheads):
        subheads.append(lines[0])
    return subheads


def begins_with_subhead(runs: list[list[Line]], subheads: list[Line]) -> bool:
    """Return whether the first line is a heading like the others, and no byline.

    It must be numbered, or have clauses as long as those of another heading, none of them short
    enough for a name. Nothing tells other headings, such as 「手术室的时间」, from the name of a
    column: they stay paragraphs.
    """
    first_run = runs[0]
    first = first_run[0]
    if not first.is_short or len(first_run) > 1 or not runs[1][0].is_full_paragraph:
        return False
    if NUMBERED.match(first.text):
        return True
    lengths = clause_lengths(first.text)
    if min(lengths) < MIN_CLAUSE_LENGTH or BYLINE.search(first.text):
        return False
    return any(lengths == clause_lengths(subhead.text) for subhead in subheads)


def clause_lengths(text: str) -> list[int]:
    return [len(clause) for clause in CLAUSE_SEPARATOR.split(text)]


def write_heading(html: str) -> str:
    """Return a line as a heading: of level 3 if its number is in brackets, else of level 2."""
    content = re.sub(r"</?strong>", "", html)
    level = 3 if re.match(r"[(（]", plain_text(content)) else 2
    return f"<h{level}>{content}</h{level}>"
