"""Draw shapes, text and paper grain in the palettes of the magazines."""

from collections.abc import Sequence
from io import BytesIO
from math import cos, pi, sin
from random import Random
from typing import NamedTuple

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

Point = tuple[float, float]


class Palette(NamedTuple):
    """The colours of one magazine, from light to dark, and an accent."""

    paper: str
    pale: str
    soft: str
    full: str
    deep: str
    spark: str


PALETTES = {
    "vermilion": Palette("#f5eee2", "#ecd8c6", "#dd9a83", "#b4402f", "#5a1f1d", "#e0a644"),
    "indigo": Palette("#eef0ee", "#d3dbe2", "#8fa5c2", "#35548a", "#1a2847", "#e08d55"),
    "pine": Palette("#f1f0e5", "#d6dfcf", "#93b3a0", "#35705c", "#183c33", "#d9a048"),
    "ochre": Palette("#f4efe1", "#e8dcc0", "#cfae72", "#9c7428", "#43351c", "#b4402f"),
    "plum": Palette("#f3edee", "#e2d2d8", "#b891a6", "#774063", "#36203a", "#dca24e"),
}


def mix(first: str, second: str, share: float) -> str:
    """Return the first colour mixed with a share (0 to 1) of the second."""
    pairs = zip(ImageColor.getrgb(first), ImageColor.getrgb(second), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)


class Canvas:
    """An image to draw on, in pixels of the result.

    It is drawn SCALE times larger and reduced at the end, for smooth edges.
    """

    SCALE = 3

    def __init__(self, width: int, height: int, colour: str):
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * self.SCALE, height * self.SCALE), colour)
        self.pen = ImageDraw.Draw(self.image)

    def scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.SCALE, y * self.SCALE) for x, y in points]

    def area(self, points: Sequence[Point], colour: str) -> None:
        self.pen.polygon(self.scaled(points), fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self.area([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self.wedge(x, y, radius, 0, 360, colour)

    def wedge(
        self, x: float, y: float, radius: float, start: float, end: float, colour: str
    ) -> None:
        """Draw a slice of a disc; degrees run clockwise from the right."""
        box = self.scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self.pen.pieslice(box, start, end, fill=colour)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        self.pen.line(
            self.scaled(points), fill=colour, width=round(width * self.SCALE), joint="curve"
        )
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def text(
        self, x: float, y: float, text: str, size: float, colour: str, anchor: str = "ls"
    ) -> float:
        """Draw text and return its width."""
        font = ImageFont.load_default(size * self.SCALE)
        self.pen.text((x * self.SCALE, y * self.SCALE), text, fill=colour, font=font, anchor=anchor)
        return font.getlength(text) / self.SCALE

    def jpeg(self, chance: Random) -> bytes:
        picture = self.image.reduce(self.SCALE)
        content = BytesIO()
        ImageChops.soft_light(picture, self._grain(chance)).save(content, "JPEG", quality=92)
        return content.getvalue()

    def _grain(self, chance: Random) -> Image.Image:
        """Return noise that looks like uneven ink on uncoated paper."""
        size = (self.width // 4, self.height // 4)
        noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
        uneven = noise.point(lambda value: 126 + value // 64).resize(
            (self.width, self.height), Image.Resampling.BILINEAR
        )
        return Image.merge("RGB", [uneven] * 3)


def arc(x: float, y: float, width: float, height: float, start: float, end: float) -> list[Point]:
    """Return points on an ellipse of half-axes `width` and `height`.

    Degrees run clockwise from the right.
    """
    angles = [pi / 180 * (start + (end - start) * step / 48) for step in range(49)]
    return [(x + width * cos(angle), y + height * sin(angle)) for angle in angles]
