"""What stands for a page without a picture where its link is shared: an article's title and magazine, drawn once.

All other pages share the card of the house. It is drawn as a title of no magazine, under its own name.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from io import BytesIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageColor, ImageDraw, ImageFont

from magazine.models import Accent, Magazine, Publisher
from magazine.site import site

WIDTH, HEIGHT = 1200, 630
MARGIN = 90
MIDDLE = WIDTH // 2
COLUMN = (
    HEIGHT - 60
)  # all that is written has room in the square that WeChat cuts out of the middle
RULE = 160
COIN = 540
# Sizes of the title's type with the most lines each may take.
SIZES = {88: 2, 76: 3, 66: 4, 56: 5, 48: 6}
LEADING = 1.36

# --deep of static/site.css.
GROUNDS = {
    "vermilion": "#a62b1b",
    "indigo": "#264a7d",
    "pine": "#1d5b4a",
    "ochre": "#84570f",
    "plum": "#762b55",
}
FAINT, RULED, WHITE = 22, 150, 255  # how white on that ground

# What is never parted: a word, or a character with the marks that open before it and close after it.
UNIT = re.compile(
    r"[“‘（《〈【「『([]{0,3}(?:[!-~]{1,20}|.)[，。、；：？！”’）》〉】」』…—·,.;:?!)\]]{0,3}"
)
# After what a line likes to end.
MARK = re.compile(r"[，。；：？！—…\s]$")


def card_name(title: str, magazine_id: int | None) -> str:
    """Where the card is stored. Another title is another card; another name of the magazine is none."""
    digest = sha256(f"{magazine_id} {title}".encode()).hexdigest()[:32]
    return f"cards/{digest[:2]}/{digest}.png"


def draw_card(title: str, magazine: Magazine | None) -> bool:
    """Draw and store the card, unless it is there already; answers whether it was drawn."""
    return _draw_once(title, magazine, magazine.title if magazine else site().name)


def draw_house_card(name: str) -> bool:
    return _draw_once(name, None, "")


def draw_house_card_of(instance: Publisher, **signal) -> None:
    """The publisher has been saved, perhaps under another name."""
    transaction.on_commit(lambda: draw_house_card(instance.name), robust=True)


def _draw_once(title: str, magazine: Magazine | None, heading: str) -> bool:
    name = card_name(title, magazine and magazine.pk)
    if default_storage.exists(name):
        return False
    default_storage.save(name, ContentFile(drawn(title, magazine, heading)))
    return True


def drawn(title: str, magazine: Magazine | None, heading: str) -> bytes:
    """A PNG. Where the system has no Chinese font, the magazine's Latin title stands alone, or the mark."""
    sheet = Image.new("L", (WIDTH, HEIGHT))
    sheet.paste(_coin(), (MIDDLE - COIN // 2, (HEIGHT - COIN) // 2))
    pen = ImageDraw.Draw(sheet)
    if chinese_font(min(SIZES)):
        _write(pen, title, heading)
    elif magazine:
        pen.text(
            (MIDDLE, HEIGHT // 2), magazine.title_en, WHITE, ImageFont.load_default(64), anchor="mm"
        )
    return _on_colour(sheet, magazine.accent if magazine else Accent.VERMILION)


def _write(pen: ImageDraw.ImageDraw, title: str, heading: str) -> None:
    if heading:
        pen.text((MIDDLE, RULE - 30), heading, WHITE, chinese_font(46), anchor="ms")
        for y in (RULE, RULE + 6):
            pen.line([(MARGIN, y), (WIDTH - MARGIN, y)], RULED, 2)
    font, lines = _set(title)
    leading = font.size * LEADING
    y = (RULE * bool(heading) + HEIGHT - leading * (len(lines) - 1)) / 2
    for row, line in enumerate(lines):
        pen.text((MIDDLE, y + leading * row), line, WHITE, font, anchor="mm")


def _set(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest type in which the title has room, and its lines; of too long a one what has room."""
    for size, most in SIZES.items():
        font = chinese_font(size)
        lines = broken(title, font.getlength, COLUMN)
        if len(lines) <= most:
            return font, lines
    return font, [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def broken(title: str, length: Callable[[str], float], width: int) -> list[str]:
    """The title in as few lines as have room in the width: even ones, and parted at its marks where it has any."""
    units = UNIT.findall(" ".join(title.split()))
    begins = _line_begins(units, [length(unit) for unit in units], width)
    lines, end = [], len(units)
    while end:
        lines.insert(0, "".join(units[begins[end] : end]).strip())
        end = begins[end]
    return lines


def _line_begins(units: list[str], lengths: list[float], width: int) -> list[int]:
    """Where the line begins that ends before each unit, if all that stands before it is broken best."""
    best = [(0, 0.0, 0)]  # how many lines, how uneven they are, and where the last begins
    for end in range(1, len(units) + 1):
        ways, room = [], float(width)
        liked = 0.2 if MARK.search(units[end - 1]) else 0
        for begin in range(end - 1, -1, -1):
            room -= lengths[begin]
            if room < 0 and ways:
                break
            lines, uneven, _ = best[begin]
            ways.append((lines + 1, uneven + (room / width) ** 2 - liked, begin))
        best.append(min(ways))
    return [begin for _, _, begin in best]


def chinese_font(size: int) -> ImageFont.FreeTypeFont | None:
    """Of a collection, the face for simplified Chinese."""
    faces = []
    with suppress(OSError):
        while True:  # until there are no more
            faces.append(ImageFont.truetype(settings.CJK_FONT, size, len(faces)))
    return next(
        (face for face in faces if face.getname()[0].endswith(" SC")), faces[0] if faces else None
    )


@cache
def _coin() -> Image.Image:
    """The house's mark, drawn larger and reduced for smooth edges."""
    coin = Image.new("L", (COIN * 3, COIN * 3))
    pen = ImageDraw.Draw(coin)
    pen.ellipse([0, 0, COIN * 3 - 1, COIN * 3 - 1], outline=FAINT, width=COIN // 3)
    pen.rectangle([COIN, COIN, COIN * 2, COIN * 2], outline=FAINT, width=COIN // 4)
    return coin.reduce(3)


def _on_colour(sheet: Image.Image, accent: str) -> bytes:
    """What is white on the sheet stays white, and what is black becomes the magazine's colour."""
    ground = ImageColor.getrgb(GROUNDS[accent])
    sheet = sheet.point(
        lambda value: round(value / 17) * 17
    )  # sixteen steps are smooth enough, and a small file
    sheet.putpalette(
        [round(part + (255 - part) * share / 255) for share in range(256) for part in ground]
    )
    content = BytesIO()
    sheet.save(content, "PNG", optimize=True)
    return content.getvalue()
