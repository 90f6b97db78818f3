"""Draw covers of magazines and issues: a motif for each magazine, varied by issue."""

from random import Random

from demo.canvas import PALETTES, Canvas, Palette, mix

COVER_SIZE = (900, 1200)
MARGIN = 60
HORIZON = 450


def magazine_cover(title: str, issn: str, accent: str) -> bytes:
    """Return a JPEG for issues without a cover of their own, with the title in large letters."""
    ground = inverted(PALETTES[accent])
    canvas = Canvas(*COVER_SIZE, ground.paper)
    # One word a line; an ampersand stays on the line of the word before it.
    lines = title.replace(" & ", " &\n").replace(" ", "\n").replace("\n&", " &").splitlines()
    for row, line in enumerate(lines):
        canvas.text(MARGIN - 6, 150 + 100 * row, line, 104, ground.deep)
    canvas.text(canvas.width - MARGIN, HORIZON - 36, f"ISSN {issn}", 24, ground.full, "rs")
    return finish(canvas, ground, accent, title)


def issue_cover(title: str, accent: str, year: int, number: int) -> bytes:
    """Return a JPEG with title, year and number.

    Odd numbers have a coloured background, even numbers one of paper.
    """
    ground = on_colour(PALETTES[accent]) if number % 2 else PALETTES[accent]
    canvas = Canvas(*COVER_SIZE, ground.paper)
    draw_spaced_text(canvas, MARGIN, 96, title.upper(), 34, ground.deep)
    canvas.box(MARGIN, 120, canvas.width - MARGIN, 123, ground.deep)
    canvas.text(MARGIN - 14, HORIZON - 40, str(number), 330, ground.deep)
    canvas.text(canvas.width - MARGIN, HORIZON - 40, str(year), 84, ground.deep, "rs")
    return finish(canvas, ground, accent, f"{title} {year} {number}")


def on_colour(palette: Palette) -> Palette:
    lighter = mix(palette.full, palette.soft, 0.45)
    return Palette(palette.full, lighter, palette.soft, palette.deep, palette.paper, palette.spark)


def inverted(palette: Palette) -> Palette:
    lighter = mix(palette.deep, palette.full, 0.5)
    return Palette(palette.deep, lighter, palette.full, palette.soft, palette.paper, palette.spark)


def finish(canvas: Canvas, ground: Palette, accent: str, name: str) -> bytes:
    chance = Random(name)  # noqa: S311
    MOTIFS.get(accent, tiles)(canvas, ground, chance)
    return canvas.jpeg(chance)


def draw_spaced_text(
    canvas: Canvas, x: float, y: float, text: str, size: float, colour: str
) -> None:
    """Draw text with wide letter spacing, as in mastheads."""
    for letter in text:
        x += canvas.text(x, y, letter, size, colour) + size * 0.14


def tiles(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Draw quarters and halves of discs, six to a row."""
    colours = [palette.full, palette.soft, palette.deep, palette.pale]
    bright = {(chance.randrange(6), row) for row in (1, 3)}
    for row in range(5):
        for column in range(6):
            ground, figure, other = chance.sample(colours, 3)
            if (column, row) in bright:
                figure = palette.spark
            tile(canvas, chance, (column * 150, HORIZON + row * 150), (ground, figure, other))


def tile(
    canvas: Canvas, chance: Random, position: tuple[int, int], colours: tuple[str, str, str]
) -> None:
    x, y = position
    ground, figure, other = colours
    canvas.box(x, y, x + 150, y + 150, ground)
    corners = [(x, y, 0), (x + 150, y, 90), (x + 150, y + 150, 180), (x, y + 150, 270)]
    first = chance.randrange(4)
    left, top, start = corners[first]
    match chance.choice(["quarter", "quarter", "rings", "halves", "leaf", "disc"]):
        case "quarter":
            canvas.wedge(left, top, 150, start, start + 90, figure)
        case "rings":
            for radius, colour in ((150, figure), (100, other), (50, ground)):
                canvas.wedge(left, top, radius, start, start + 90, colour)
        case "halves":
            canvas.wedge(x + 75, y, 75, 0, 180, figure)
            canvas.wedge(x + 75, y + 75, 75, 0, 180, other)
        case "leaf":
            canvas.box(x, y, x + 150, y + 150, figure)
            for corner_x, corner_y, turn in (corners[first], corners[first - 2]):
                canvas.wedge(corner_x, corner_y, 75, turn, turn + 90, ground)
        case _:
            canvas.disc(x + 75, y + 75, 75, figure)
            canvas.disc(x + 75, y + 75, 30, ground)


def blocks(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Draw columns of random heights, seen from a corner."""
    canvas.box(0, HORIZON, canvas.width, canvas.height, palette.pale)
    lean = chance.choice([-1, 1])
    bright = chance.sample([(row, column) for row in range(4, 9) for column in range(1, 5)], 3)
    for row in range(16):
        for column in range(6):
            x = column * 180 + (90 if row % 2 else 0)
            y = HORIZON + 170 + row * 52
            share = chance.random()
            height = 30 + 96 * share * (1 + lean * (x - 450) / 900)
            top = (
                palette.spark
                if (row, column) in bright
                else mix(palette.soft, palette.pale, share * 0.8)
            )
            block(canvas, x, y, height, (top, palette.full, palette.deep))


def block(canvas: Canvas, x: float, y: float, height: float, colours: tuple[str, str, str]) -> None:
    top, left, right = colours
    canvas.area([(x - 90, y - height), (x, y + 52 - height), (x, y + 52), (x - 90, y)], left)
    canvas.area([(x + 90, y - height), (x, y + 52 - height), (x, y + 52), (x + 90, y)], right)
    canvas.area(
        [(x - 90, y - height), (x, y - 52 - height), (x + 90, y - height), (x, y + 52 - height)],
        top,
    )


def waves(canvas: Canvas, palette: Palette, chance: Random) -> None:
    """Draw overlapping rings, like scales of water."""
    canvas.box(0, HORIZON, canvas.width, canvas.height, palette.pale)
    schemes = [
        [palette.full, palette.paper, palette.full, palette.soft],
        [palette.soft, palette.paper, palette.deep, palette.soft],
        [palette.deep, palette.soft, palette.full, palette.paper],
    ]
    bright = {(chance.randrange(1, 3), chance.randrange(1, 3)), (chance.randrange(1, 3), 4)}
    for row in range(8):
        for column in range(4):
            x = column * 360 + (180 if row % 2 else 0)
            y = HORIZON + 222 + row * 105
            scheme = chance.choice(schemes)
            for step, colour in enumerate([*scheme, scheme[0]]):
                inner = palette.spark if (column, row) in bright and step == 3 else colour
                canvas.disc(x, y, 205 - step * 43, inner)


MOTIFS = {"vermilion": tiles, "indigo": blocks, "pine": waves}
