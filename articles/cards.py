"""Share cards: pictures of a title and its magazine, for pages without a picture of their own.

Cards are drawn when an article is published. All other pages share the card of the site, which
is drawn as a title without a magazine, under the name of the site.
See docs/decisions/0016-share-cards-are-drawn-when-publishing.md.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageColor, ImageDraw, ImageFont

from magazine.models import Accent, Magazine, Publisher
from magazine.site import site

# Pixels.
WIDTH = 1200
HEIGHT = 630
MARGIN = 90
MIDDLE = WIDTH // 2
TEXT_WIDTH = HEIGHT - 60  # WeChat cuts a square out of the middle
RULE_Y = 160
RULE_GAP = 6
COIN = 540
# Sizes of type for the title, with the number of lines that each allows.
MAX_LINES_BY_SIZE = {88: 2, 76: 3, 66: 4, 56: 5, 48: 6}
LINE_HEIGHT = 1.36  # of the size of type

# --deep of static/site.css.
GROUNDS = {
    "vermilion": "#a62b1b",
    "indigo": "#264a7d",
    "pine": "#1d5b4a",
    "ochre": "#84570f",
    "plum": "#762b55",
}
# Shares of white on the ground, of 255.
FAINT = 22
RULED = 150
WHITE = 255

# A unit that no line break divides: a word, or a character with the marks around it.
UNIT = re.compile(
    r"[“‘（《〈【「『([]{0,3}(?:[!-~]{1,20}|.)[，。、；：？！”’）》〉】」』…—·,.;:?!)\]]{0,3}"
)
# Lines end after such a mark, if possible.
MARK = re.compile(r"[，。；：？！—…\s]$")


def card_name(title: str, magazine_id: int | None) -> str:
    """Return the name of a card in the storage; another title is another card."""
    digest = sha256(f"{magazine_id} {title}".encode()).hexdigest()[:32]
    return f"cards/{digest[:2]}/{digest}.png"


def draw_card(title: str, magazine: Magazine | None) -> bool:
    """Draw and store a card unless it exists; return whether it was drawn."""
    heading = magazine.title if magazine else site().name
    return _draw_once(title, magazine, heading)


def draw_site_card(name: str) -> bool:
    """Draw and store the card of the site unless it exists; return whether it was drawn."""
    return _draw_once(name, None, "")


def draw_site_card_of(instance: Publisher, **signal) -> None:
    """Draw the card of the site after a publisher was saved, perhaps with another name."""
    transaction.on_commit(lambda: draw_site_card(instance.name), robust=True)


def _draw_once(title: str, magazine: Magazine | None, heading: str) -> bool:
    name = card_name(title, magazine and magazine.pk)
    if default_storage.exists(name):
        return False
    default_storage.save(name, ContentFile(drawn(title, magazine, heading)))
    return True


def drawn(title: str, magazine: Magazine | None, heading: str) -> bytes:
    """Return a card as PNG.

    Without a Chinese font it shows the magazine's Latin title only, or the mark alone.
    """
    sheet = Image.new("L", (WIDTH, HEIGHT))
    sheet.paste(_coin(), (MIDDLE - COIN // 2, (HEIGHT - COIN) // 2))
    pen = ImageDraw.Draw(sheet)
    if chinese_font(min(MAX_LINES_BY_SIZE)):
        _write(pen, title, heading)
    elif magazine:
        font = ImageFont.load_default(64)
        pen.text((MIDDLE, HEIGHT // 2), magazine.title_en, WHITE, font, anchor="mm")
    accent = magazine.accent if magazine else Accent.VERMILION
    return _png_in_colour(sheet, accent)


def _write(pen: ImageDraw.ImageDraw, title: str, heading: str) -> None:
    top = 0
    if heading:
        top = RULE_Y
        pen.text((MIDDLE, RULE_Y - 30), heading, WHITE, chinese_font(46), anchor="ms")
        for y in (RULE_Y, RULE_Y + RULE_GAP):
            pen.line([(MARGIN, y), (WIDTH - MARGIN, y)], RULED, 2)
    font, lines = _fitted(title)
    line_height = font.size * LINE_HEIGHT
    y = (top + HEIGHT - line_height * (len(lines) - 1)) / 2
    for row, line in enumerate(lines):
        pen.text((MIDDLE, y + line_height * row), line, WHITE, font, anchor="mm")


def _fitted(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest type in which a title fits, and its lines.

    A title that fits in none is cut in the smallest type.
    """
    for size, max_lines in MAX_LINES_BY_SIZE.items():
        font = chinese_font(size)
        lines = broken(title, font.getlength, TEXT_WIDTH)
        if len(lines) <= max_lines:
            return font, lines
    last_line = lines[max_lines - 1][:-1] + "…"
    return font, [*lines[: max_lines - 1], last_line]


def broken(title: str, length: Callable[[str], float], width: int) -> list[str]:
    """Break a title into the fewest lines that fit, even ones, at its marks if possible."""
    units = UNIT.findall(" ".join(title.split()))
    lengths = [length(unit) for unit in units]
    begins = _line_begins(units, lengths, width)
    lines = []
    end = len(units)
    while end:
        begin = begins[end]
        lines.append("".join(units[begin:end]).strip())
        end = begin
    lines.reverse()
    return lines


class Break(NamedTuple):
    """The best way to break the units before one; compared by the first fields."""

    line_count: int
    unevenness: float
    begin: int  # of the last line


def _line_begins(units: list[str], lengths: list[float], width: int) -> list[int]:
    """Return for each end of a line where that line begins in the best way to break."""
    best = [Break(0, 0.0, 0)]
    for end in range(1, len(units) + 1):
        options: list[Break] = []
        space = float(width)
        bonus = 0.2 if MARK.search(units[end - 1]) else 0
        for begin in range(end - 1, -1, -1):
            space -= lengths[begin]
            if space < 0 and options:
                break
            before = best[begin]
            unevenness = before.unevenness + (space / width) ** 2 - bonus
            options.append(Break(before.line_count + 1, unevenness, begin))
        best.append(min(options))
    return [option.begin for option in best]


def chinese_font(size: int) -> ImageFont.FreeTypeFont | None:
    """Return the font, in a collection its face for simplified Chinese, or None."""
    faces: list[ImageFont.FreeTypeFont] = []
    with suppress(OSError):  # raised after the last face
        while True:
            faces.append(ImageFont.truetype(settings.CJK_FONT, size, len(faces)))
    for face in faces:
        family, _style = face.getname()
        if family.endswith(" SC"):
            return face
    return faces[0] if faces else None


@cache
def _coin() -> Image.Image:
    """Return the mark of the site, drawn larger and reduced for smooth edges."""
    size = COIN * 3
    coin = Image.new("L", (size, size))
    pen = ImageDraw.Draw(coin)
    pen.ellipse([0, 0, size - 1, size - 1], outline=FAINT, width=COIN // 3)
    pen.rectangle([COIN, COIN, COIN * 2, COIN * 2], outline=FAINT, width=COIN // 4)
    return coin.reduce(3)


def _png_in_colour(sheet: Image.Image, accent: str) -> bytes:
    """Return a PNG: black becomes the colour of the magazine, white stays white."""
    ground = ImageColor.getrgb(GROUNDS[accent])
    # Sixteen steps are smooth enough, and make a small file.
    sheet = sheet.point(lambda value: round(value / 17) * 17)
    palette = []
    for share in range(256):
        for part in ground:
            palette.append(round(part + (255 - part) * share / 255))
    sheet.putpalette(palette)
    content = BytesIO()
    sheet.save(content, "PNG", optimize=True)
    return content.getvalue()
