"""Pictures in several widths, for browsers to take the one that fits: made once, when the picture is stored.

`<random>-1500x900.jpg` has `<random>-1500x900.jpg.400.webp` and so on beside it. The name alone tells the size and
thereby which renditions there are, so that no page looks into the storage.
"""

import re
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

WIDTHS = (400, 800, 1200, 1600)
WEBP_LIMIT = 16383

NAME = re.compile(r"[0-9a-f]{32}-([1-9][0-9]{0,7})x([1-9][0-9]{0,7})\.(?:jpg|png|webp)")
IMG = re.compile(r'<img((?: [a-z]+="[^"]*")+)>')
ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')

# How wide the text is at most, in CSS pixels, and how many of its characters may be in sight when the page opens.
COLUMN = 684
IN_SIGHT = 300


def size_of(name: str) -> tuple[int, int] | None:
    """Width and height, as the name of a picture or its address tells them."""
    found = NAME.fullmatch(name.rpartition("/")[2])
    return (int(found[1]), int(found[2])) if found else None


def widths_for(width: int, height: int) -> list[int]:
    """Narrowest first, and none wider than the picture itself."""
    widths = sorted({min(width, one) for one in WIDTHS})
    return [one for one in widths if one * height <= WEBP_LIMIT * width]


def rendition(name: str, width: int) -> str:
    return f"{name}.{width}.webp"


def original(name: str) -> str | None:
    """The picture that this is a rendition of."""
    found = re.fullmatch(r"(.+)\.[0-9]+\.webp", name)
    return found and found[1]


def make_renditions(name: str) -> int:
    """Make those that are missing of a stored picture; answers how many."""
    if not (size := size_of(name)):
        return 0
    missing = [width for width in widths_for(*size) if not default_storage.exists(rendition(name, width))]
    if missing:
        with default_storage.open(name) as file, Image.open(file) as image:
            _draw(image, name, missing)
    return len(missing)


def _draw(image: Image.Image, name: str, widths: list[int]) -> None:
    width, height = image.size
    lossless = image.format == "PNG"
    # JPEG's decoder can leave out what nobody will see.
    image.draft(image.mode, (widths[-1], max(1, round(height * widths[-1] / width))))
    for narrower in reversed(widths):
        image = image.resize((narrower, max(1, round(height * narrower / width))), reducing_gap=3)
        default_storage.save(rendition(name, narrower), ContentFile(_smallest(image, lossless)))


def _smallest(image: Image.Image, lossless: bool) -> bytes:
    """As WebP; charts and screenshots, which come as PNG, are often smaller without loss."""
    ways = [{"quality": 80}, {"lossless": True, "quality": 25, "method": 2}]
    return min((_encoded(image, **way) for way in ways[: 1 + lossless]), key=len)


def _encoded(image: Image.Image, **options) -> bytes:
    content = BytesIO()
    image.save(content, "WEBP", **options)
    return content.getvalue()


def attributes_of(address: str, sizes: str, *, waits: bool) -> dict[str, str]:
    """What an <img> says of a stored picture: `sizes` is how wide it stands, `waits` that it is not yet in sight."""
    attributes = {"src": address}
    if size := size_of(address):
        attributes |= {"width": str(size[0]), "height": str(size[1])}
        if widths := widths_for(*size):
            attributes["srcset"] = ", ".join(f"{rendition(address, width)} {width}w" for width in widths)
            # Of a picture that waits, browsers know how wide it stands before they ask for it.
            attributes["sizes"] = f"auto, {sizes}" if waits else sizes
    return attributes | ({"loading": "lazy", "decoding": "async"} if waits else {})


def with_renditions(html: str) -> str:
    """Clean rich text, its pictures with their renditions and loaded when they come into sight."""
    return IMG.sub(_with_renditions, html)


def _with_renditions(match: re.Match) -> str:
    written = dict(ATTRIBUTE.findall(match[1]))
    width = min(int(written.get("width", COLUMN)), COLUMN)
    sizes = f"(max-width: {width}px) 100vw, {width}px"
    attributes = attributes_of(written.get("src", ""), sizes, waits=match.start() > IN_SIGHT)
    attributes |= _to_scale(attributes, written) | written
    return "<img" + "".join(f' {name}="{value}"' for name, value in attributes.items()) + ">"


def _to_scale(attributes: dict[str, str], written: dict[str, str]) -> dict[str, str]:
    """The measure that follows from the one the editor gave."""
    if "height" not in attributes or ("width" in written) == ("height" in written):
        return {}
    width, height = int(attributes["width"]), int(attributes["height"])
    if "width" in written:
        return {"height": str(max(1, round(int(written["width"]) * height / width)))}
    return {"width": str(max(1, round(int(written["height"]) * width / height)))}
