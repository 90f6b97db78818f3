"""Renditions: a picture in several widths, made once when the picture is stored.

`<random>-1500x900.jpg` has `<random>-1500x900.jpg.400.webp` and so on beside it. The name gives
the size and thereby the list of renditions, so that no page reads the storage.
"""

import re
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

WIDTHS = (400, 800, 1200, 1600)  # pixels
MAX_WEBP_PIXELS = 16383  # of a side

PICTURE_NAME = re.compile(r"[0-9a-f]{32}-([1-9][0-9]{0,7})x([1-9][0-9]{0,7})\.(?:jpg|png|webp)")
IMG = re.compile(r'<img((?: [a-z]+="[^"]*")+)>')
ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')

TEXT_WIDTH_PX = 684  # CSS pixels of a column of text, at most
ABOVE_THE_FOLD = 300  # characters of HTML that may be visible when the page opens


def picture_size(name: str) -> tuple[int, int] | None:
    """Return width and height in pixels, as the name or the address of a picture gives them."""
    match = PICTURE_NAME.fullmatch(name.rpartition("/")[2])
    return (int(match[1]), int(match[2])) if match else None


def rendition_widths(width: int, height: int) -> list[int]:
    """Return the widths of the renditions of a picture, narrowest first, none enlarged."""
    widths = sorted({min(width, standard) for standard in WIDTHS})
    return [narrower for narrower in widths if narrower * height <= MAX_WEBP_PIXELS * width]


def rendition_name(name: str, width: int) -> str:
    return f"{name}.{width}.webp"


def original_name(name: str) -> str | None:
    """Return the name of the picture that the rendition `name` was made of."""
    match = re.fullmatch(r"(.+)\.[0-9]+\.webp", name)
    return match[1] if match else None


def make_renditions(name: str) -> int:
    """Make the missing renditions of a stored picture, and return their number."""
    size = picture_size(name)
    if not size:
        return 0
    missing = []
    for width in rendition_widths(*size):
        if not default_storage.exists(rendition_name(name, width)):
            missing.append(width)
    if missing:
        with default_storage.open(name) as file, Image.open(file) as image:
            _resize(image, name, missing)
    return len(missing)


def _resize(image: Image.Image, name: str, widths: list[int]) -> None:
    width, height = image.size
    is_lossless = image.format == "PNG"
    # JPEG's decoder can skip detail that no rendition shows.
    widest = widths[-1]
    image.draft(image.mode, (widest, max(1, round(height * widest / width))))
    for narrower in reversed(widths):
        size = (narrower, max(1, round(height * narrower / width)))
        image = image.resize(size, reducing_gap=3)
        content = ContentFile(_smallest_webp(image, is_lossless))
        default_storage.save(rendition_name(name, narrower), content)


def _smallest_webp(image: Image.Image, is_lossless: bool) -> bytes:
    """Encode as WebP; charts and screenshots come as PNG and are often smaller without loss."""
    lossy = _webp(image, quality=80)
    if not is_lossless:
        return lossy
    lossless = _webp(image, lossless=True, quality=25, method=2)
    return min(lossy, lossless, key=len)


def _webp(image: Image.Image, **options) -> bytes:
    content = BytesIO()
    image.save(content, "WEBP", **options)
    return content.getvalue()


def img_attributes(address: str, sizes: str, *, is_lazy: bool) -> dict[str, str]:
    """Return the attributes of an <img> for a stored picture.

    `sizes` is the attribute of that name; `is_lazy` pictures load when they come into view.
    """
    attributes = {"src": address}
    size = picture_size(address)
    if size:
        width, height = size
        attributes["width"] = str(width)
        attributes["height"] = str(height)
        widths = rendition_widths(width, height)
        if widths:
            sources = [f"{rendition_name(address, width)} {width}w" for width in widths]
            attributes["srcset"] = ", ".join(sources)
            # Browsers know the layout width of a lazy picture before they load it.
            attributes["sizes"] = f"auto, {sizes}" if is_lazy else sizes
    if is_lazy:
        attributes["loading"] = "lazy"
        attributes["decoding"] = "async"
    return attributes


def with_renditions(html: str) -> str:
    """Add renditions and lazy loading to the pictures of sanitized rich text."""
    return IMG.sub(_with_renditions, html)


def _with_renditions(match: re.Match) -> str:
    given = dict(ATTRIBUTE.findall(match[1]))
    width = min(int(given.get("width", TEXT_WIDTH_PX)), TEXT_WIDTH_PX)
    sizes = f"(max-width: {width}px) 100vw, {width}px"
    is_lazy = match.start() > ABOVE_THE_FOLD
    attributes = img_attributes(given.get("src", ""), sizes, is_lazy=is_lazy)
    attributes.update(_missing_dimension(attributes, given))
    attributes.update(given)
    return "<img" + "".join(f' {name}="{value}"' for name, value in attributes.items()) + ">"


def _missing_dimension(attributes: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Return the width or height that follows from the one the editor gave."""
    if "height" not in attributes:
        return {}
    has_width = "width" in given
    has_height = "height" in given
    if has_width == has_height:
        return {}
    width = int(attributes["width"])
    height = int(attributes["height"])
    if has_width:
        return {"height": str(max(1, round(int(given["width"]) * height / width)))}
    return {"width": str(max(1, round(int(given["height"]) * width / height)))}
