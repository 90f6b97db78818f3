"""Draw pictures of articles; the same name always gives the same picture."""

from collections.abc import Callable
from math import cos, pi, sin
from random import Random

from demo.canvas import PALETTES, Canvas, Palette, Point, arc, mix

ARTICLE_SIZE = (1200, 750)


def article_picture(kind: str, accent: str, name: str) -> bytes:
    """Return a JPEG of one of `KINDS` in the colours of a magazine."""
    chance = Random(f"{kind} {name}")  # noqa: S311
    palette = PALETTES[accent]
    canvas = Canvas(*ARTICLE_SIZE, palette.paper)
    KINDS[kind](canvas, palette, chance)
    return canvas.jpeg(chance)


def ridge(chance: Random, width: float, height: float, rise: float) -> list[Point]:
    """Return the outline of hills around `height`, from the left edge to the right."""
    waves = [
        (rise / (wave + 1), (wave + 1) * chance.uniform(0.7, 1.3), chance.uniform(0, 2 * pi))
        for wave in range(3)
    ]
    steps = [width * step / 120 for step in range(121)]
    return [
        (
            x,
            height
            + sum(size * sin(pace * 2 * pi * x / width + turn) for size, pace, turn in waves),
        )
        for x in steps
    ]


def filled_down(outline: list[Point], ground: float) -> list[Point]:
    return [*outline, (outline[-1][0], ground), (outline[0][0], ground)]


def bars(canvas: Canvas, palette: Palette, chance: Random) -> None:
    canvas.disc(chance.uniform(820, 960), chance.uniform(230, 300), 210, palette.pale)
    for height in range(170, 640, 94):
        canvas.line([(90, height), (1110, height)], mix(palette.pale, palette.soft, 0.4), 1.5)
    groups = chance.choice([5, 6])
    step, colours = 1020 / groups, [palette.soft, palette.full, palette.deep]
    tallest = chance.randrange(2, groups)
    for group in range(groups):
        for index, colour in enumerate(colours):
            left = 90 + step * group + step * 0.14 + index * step * 0.25
            height = 120 + 330 * (group + 1) / groups * chance.uniform(0.45, 1) + index * 22
            if (group, index) == (tallest, 1):
                height, colour = 490, palette.spark
            canvas.box(left, 640 - height, left + step * 0.22, 640, colour)
    canvas.line([(70, 641), (1130, 641)], palette.deep, 4)


def lines(canvas: Canvas, palette: Palette, chance: Random) -> None:
    canvas.box(0, 0, 1200, 750, palette.deep)
    for x in range(100, 1101, 125):
        canvas.line([(x, 90), (x, 660)], mix(palette.deep, palette.full, 0.45), 1.5)
    ends = [170, 300, 420, 560]
    chance.shuffle(ends)
    for end, colour in zip(
        ends, [palette.soft, palette.full, palette.paper, palette.spark], strict=True
    ):
        points = []
        for step in range(9):
            gone = step / 8
            wander = chance.uniform(-95, 95) * (1 - gone) ** 0.8
            points.append((100 + step * 125, 430 + (end - 430) * gone**1.3 + wander))
        canvas.line(points, colour, 7)
        for x, y in points:
            canvas.disc(x, y, 11, colour)
            canvas.disc(x, y, 5, palette.deep)
        canvas.disc(*points[-1], 17, colour)


def city(canvas: Canvas, palette: Palette, chance: Random) -> None:
    canvas.disc(chance.uniform(250, 900), chance.uniform(190, 250), 92, palette.spark)
    canvas.area(filled_down(ridge(chance, 1200, 400, 46), 620), palette.pale)
    canvas.area(
        filled_down(ridge(chance, 1200, 465, 30), 620), mix(palette.pale, palette.soft, 0.5)
    )
    for colour, low, high in (
        (palette.soft, 150, 330),
        (palette.full, 90, 260),
        (palette.deep, 50, 170),
    ):
        x = chance.uniform(-60, 0)
        while x < 1200:
            width, height = chance.uniform(55, 120), chance.uniform(low, high)
            tower(
                canvas,
                chance,
                (x, 620 - height, x + width),
                colour,
                mix(colour, palette.paper, 0.3),
            )
            x += width + chance.choice([0, 6, 6, 40])
    canvas.box(0, 620, 1200, 750, mix(palette.deep, palette.full, 0.35))
    for _ in range(34):
        x, y = chance.uniform(0, 1150), chance.uniform(640, 735)
        canvas.line(
            [(x, y), (x + chance.uniform(30, 150), y)],
            mix(palette.full, palette.soft, chance.random()),
            3,
        )


def tower(
    canvas: Canvas, chance: Random, walls: tuple[float, float, float], colour: str, lit: str
) -> None:
    left, top, right = walls
    roof = chance.choice(["flat", "flat", "step", "slope", "mast"])
    if roof == "step":
        canvas.box(left + 14, top - 20, right - 14, top, colour)
    elif roof == "slope":
        canvas.area([(left, top), (right, top - 34), (right, top)], colour)
    elif roof == "mast":
        canvas.line([((left + right) / 2, top - 46), ((left + right) / 2, top)], colour, 4)
    canvas.box(left, top, right, 620, colour)
    columns = int((right - left - 12) // 18)
    inset = (right - left - columns * 18 + 9) / 2
    for row in range(int((600 - top) // 24)):
        for column in range(columns):
            if chance.random() < 0.55:
                x, y = left + inset + column * 18, top + 18 + row * 24
                canvas.box(x, y, x + 9, y + 11, lit)


def fields(canvas: Canvas, palette: Palette, chance: Random) -> None:
    canvas.disc(chance.uniform(780, 980), 170, 84, palette.spark)
    canvas.area(filled_down(ridge(chance, 1200, 265, 42), 750), palette.pale)
    canvas.area(
        filled_down(ridge(chance, 1200, 318, 26), 750), mix(palette.pale, palette.soft, 0.55)
    )
    for x in (chance.uniform(140, 240), chance.uniform(310, 390), chance.uniform(480, 590)):
        cottage(canvas, x, 352, palette)
    top, band = 350.0, 34.0
    colours = [
        palette.soft,
        palette.full,
        mix(palette.soft, palette.pale, 0.5),
        palette.deep,
        palette.full,
    ]
    lean = chance.choice([-1, 1])
    for index in range(8):
        edge = [
            (x, top + band * 0.8 * sin(x / 1200 * pi * 1.6 + index * 0.35 * lean))
            for x in range(0, 1201, 10)
        ]
        colour = colours[index % len(colours)]
        canvas.area(filled_down(edge, 750), colour)
        for row in range(1, 5):
            furrow = [(x, y + band * row * 0.24) for x, y in edge]
            canvas.line(furrow, mix(colour, palette.paper, 0.22), 1 + band / 40)
        top, band = top + band, band * 1.24


def cottage(canvas: Canvas, x: float, ground: float, palette: Palette) -> None:
    canvas.disc(x - 16, ground - 24, 20, palette.full)
    canvas.box(x, ground - 34, x + 62, ground + 20, palette.paper)
    canvas.area(
        [(x - 9, ground - 32), (x + 12, ground - 60), (x + 50, ground - 60), (x + 71, ground - 32)],
        palette.deep,
    )
    canvas.box(x + 26, ground - 20, x + 38, ground + 20, palette.full)


def desk(canvas: Canvas, palette: Palette, chance: Random) -> None:
    wall, top = mix(palette.full, palette.deep, 0.45), 540
    lamp = chance.uniform(300, 350)
    canvas.box(0, 0, 1200, top, wall)
    canvas.area(
        [(lamp - 52, 236), (lamp + 92, 236), (lamp + 640, top), (lamp - 250, top)],
        mix(wall, palette.soft, 0.45),
    )
    canvas.box(0, top, 1200, 750, palette.deep)
    glow = arc(lamp + 195, top, 445, 60, 0, 180)
    canvas.area(glow, mix(palette.deep, palette.soft, 0.4))
    canvas.line([(lamp - 170, 600), (lamp - 190, 380), (lamp - 20, 170)], palette.paper, 11)
    canvas.disc(lamp - 190, 380, 14, palette.spark)
    canvas.area(arc(lamp - 170, 604, 84, 22, 180, 360), palette.paper)
    canvas.area(
        [(lamp - 30, 146), (lamp + 62, 146), (lamp + 118, 240), (lamp - 78, 240)], palette.spark
    )
    ledger(canvas, palette, lamp + 250, 610)
    for index in range(chance.choice([3, 4])):
        y = top - 30 * (index + 1)
        x = 950 + chance.uniform(-14, 14)
        canvas.box(
            x, y, x + 190, y + 27, [palette.soft, palette.pale, palette.full, palette.spark][index]
        )
        canvas.box(x + 18, y, x + 26, y + 27, palette.deep)


def ledger(canvas: Canvas, palette: Palette, x: float, y: float) -> None:
    """Draw an open account book and a pen."""
    canvas.area(
        [(x - 262, y + 62), (x + 262, y + 62), (x + 210, y - 50), (x - 210, y - 50)], palette.full
    )
    for side in (-1, 1):
        page = [(x, y - 38), (x + side * 100, y - 58), (x + side * 202, y - 46)]
        page += [(x + side * 248, y + 50), (x + side * 122, y + 38), (x, y + 58)]
        canvas.area(page, palette.paper if side > 0 else palette.pale)
        for row in range(6):
            down = row / 6
            start, end = 22 + 4 * down, 186 + 42 * down
            height = y - 34 + 84 * down
            points = [
                (x + side * start, height),
                (x + side * (start + end) / 2, height - 9),
                (x + side * end, height - 2),
            ]
            canvas.line(points, palette.soft, 2)
    canvas.line([(x + 150, y + 40), (x + 318, y - 22)], palette.spark, 11)
    canvas.area([(x + 154, y + 33), (x + 158, y + 44), (x + 128, y + 49)], palette.deep)


def bridge(canvas: Canvas, palette: Palette, chance: Random) -> None:
    water = 500
    canvas.disc(chance.uniform(200, 1000), 170, 80, palette.spark)
    canvas.area(filled_down(ridge(chance, 1200, 300, 50), water), palette.pale)
    canvas.area(
        filled_down(ridge(chance, 1200, 390, 34), water), mix(palette.pale, palette.soft, 0.6)
    )
    surface = mix(palette.soft, palette.pale, 0.35)
    canvas.box(0, water, 1200, 750, surface)
    spans = chance.choice([4, 5])
    arches(canvas, spans, water, -0.72, mix(surface, palette.full, 0.5))
    arches(canvas, spans, water, 1, palette.deep)
    for _ in range(46):
        x, y = chance.uniform(-40, 1150), chance.uniform(water + 14, 742)
        canvas.line(
            [(x, y), (x + chance.uniform(40, 190), y)], mix(surface, palette.paper, 0.6), 2.5
        )
    canvas.line([(0, water), (1200, water)], palette.full, 3)


def arches(canvas: Canvas, spans: int, water: float, upward: float, colour: str) -> None:
    """Draw a bridge that rises to its middle; a negative `upward` draws its reflection."""

    def deck(x: float) -> float:
        return water - upward * (105 + 75 * sin(pi * x / 1200))

    canvas.area(
        [
            *((x, deck(x)) for x in range(0, 1201, 20)),
            *((x, deck(x) + upward * 26) for x in range(1200, -1, -20)),
        ],
        colour,
    )
    canvas.line([(x, deck(x) - upward * 22) for x in range(0, 1201, 20)], colour, 3)
    width = 1200 / spans
    for x in range(0, 1201, 24):
        canvas.line([(x, deck(x) - upward * 22), (x, deck(x))], colour, 2.5)
    for span in range(spans):
        left, middle = span * width, (span + 0.5) * width
        rise = min(abs(deck(middle) - water) - 40, abs(upward) * (width / 2 - 13))
        vault = arc(middle, water, width / 2 - 13, upward * rise, 180, 360)
        crown = [(x, deck(x) + upward * 4) for x in (left + width, middle, left)]
        canvas.area([(left, water), *vault, (left + width, water), *crown], colour)


def archive(canvas: Canvas, palette: Palette, chance: Random) -> None:
    canvas.box(0, 0, 1200, 750, palette.deep)
    colours = [
        palette.soft,
        palette.full,
        palette.pale,
        mix(palette.full, palette.deep, 0.4),
        palette.paper,
    ]
    marked = chance.randrange(3)
    for shelf in range(3):
        ground, x, index = 226 + shelf * 240, 46.0, 0
        bright = chance.randrange(4, 14) if shelf == marked else None
        while x < 1090:
            width, height = chance.choice([34, 46, 46, 58, 72]), chance.uniform(150, 186)
            colour = palette.spark if index == bright else chance.choice(colours)
            binder(canvas, x, ground, width, height, colour, palette)
            x += width + chance.choice([4, 4, 4, 4, 30])
            index += 1
        canvas.box(0, ground, 1200, ground + 16, mix(palette.deep, palette.soft, 0.45))


def binder(
    canvas: Canvas,
    x: float,
    ground: float,
    width: float,
    height: float,
    colour: str,
    palette: Palette,
) -> None:
    top = ground - height
    canvas.box(x, top, x + width, ground, colour)
    label = mix(palette.paper, colour, 0.12) if colour != palette.paper else palette.pale
    canvas.box(x + 8, top + 22, x + width - 8, top + 74, label)
    for row in range(3):
        canvas.line(
            [(x + 13, top + 34 + row * 13), (x + width - 13, top + 34 + row * 13)],
            mix(label, palette.deep, 0.45),
            2,
        )
    canvas.disc(x + width / 2, ground - 30, 7, palette.deep)


def ring(canvas: Canvas, palette: Palette, chance: Random) -> None:
    x, y = chance.choice([430, 770]), 375
    canvas.disc(x, y, 520, palette.pale)
    for angle in range(0, 360, 6):
        inner, outer = 306, 330 if angle % 30 else 344
        turn = angle * pi / 180
        canvas.line(
            [(x + reach * cos(turn), y + reach * sin(turn)) for reach in (inner, outer)],
            palette.soft,
            2,
        )
    start, colours = (
        -90.0,
        [
            palette.full,
            palette.soft,
            palette.deep,
            palette.spark,
            mix(palette.soft, palette.pale, 0.4),
        ],
    )
    shares = [
        chance.uniform(0.9, 1.2),
        chance.uniform(0.6, 0.9),
        chance.uniform(0.4, 0.7),
        0.35,
        chance.uniform(0.2, 0.4),
    ]
    for share, colour in zip(shares, colours, strict=True):
        end = start + 360 * share / sum(shares)
        canvas.wedge(x, y, 290 if colour != palette.spark else 312, start + 1, end - 1, colour)
        start = end
    canvas.disc(x, y, 168, palette.paper)
    canvas.disc(x, y, 132, palette.pale)
    canvas.disc(x, y, 30, palette.full)


KINDS: dict[str, Callable[[Canvas, Palette, Random], None]] = {
    "archive": archive,
    "bars": bars,
    "bridge": bridge,
    "city": city,
    "desk": desk,
    "fields": fields,
    "lines": lines,
    "ring": ring,
}
