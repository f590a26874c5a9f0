"""Drawing styles: a value for every choice of a draughtsman, chosen at random within a family of plans."""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass, replace
from typing import Literal

from blueprints.rendering.room_names import LANGUAGES
from blueprints.rendering.surface import UPRIGHT, Colour, Lettering

Family = Literal["listing", "architect", "colour", "cad", "survey", "schematic", "cyanotype", "inverted"]
FAMILIES: dict[Family, float] = {
    "listing": 0.36,
    "architect": 0.31,
    "colour": 0.09,
    "cad": 0.1,
    "survey": 0.05,
    "schematic": 0.04,
    "cyanotype": 0.02,
    "inverted": 0.03,
}
"""The share of each family of plans."""

Walls = Literal["solid", "outlined", "hatched", "cross-hatched", "filled", "layered", "insulated", "speckled"]
"""`filled` is a lighter tone between two lines, `layered` a hatched core between two leaves, `insulated` a zigzag."""

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class DrawingStyle:
    """Pens and lettering are in pixels of the result; shares are 0..1."""

    family: Family
    paper: Colour = WHITE
    ink: Colour = BLACK
    wall_ink: Colour = BLACK
    wall_tone: Colour = WHITE
    furniture_ink: Colour = BLACK
    text_ink: Colour = BLACK
    walls: Walls = "solid"
    partitions: Walls = "solid"
    pen: float = 1.0
    hatch_px: float = 4.0
    fills: Literal["none", "one", "kinds"] = "none"
    palette: int = 0
    floors_patterned: float = 0.0
    movable: float = 0.0
    built_in: float = 0.9
    afloat: float = 0.0
    """The share of furniture that may stand anywhere in its room."""
    furniture_dashed: bool = False
    furniture_tone: Colour | None = None
    """What furniture is filled with where rooms have a fill; without one, the floor shows through."""
    language: str = "fi short"
    lettering: Lettering = UPRIGHT
    capital_px: float = 7.0
    names: float = 1.0
    areas: float = 0.0
    notes: float = 0.0
    halo: bool = False
    doors: Literal["arc", "leaf", "gap", "thick leaf"] = "arc"
    twin_doors: bool = False
    """Outside doors have two leaves, one behind the other, as in Nordic countries."""
    windows: Literal["lines", "one line", "box", "sill"] = "lines"
    windowed: float = 0.9
    borders: Literal["none", "dashed", "thin"] = "none"
    outdoor: Literal["plain", "planks", "tone", "railing"] = "plain"
    outdoor_tone: float = 0.2
    """How dark an outdoor area is where `outdoor` is "tone"."""
    bare: float = 0.0
    """The share of small outdoor areas of which nothing is drawn but their door."""
    overhead: float = 0.0
    """The share of rooms with dashed lines of what is above them, or with a dimension across them."""
    chains: int = 0
    unit: Literal["mm", "m", "cm", "feet"] = "mm"
    tick: Literal["slash", "arrow", "dot"] = "slash"
    axes: bool = False
    title: Literal["none", "strip", "band", "corner", "caption"] = "none"
    stamps: int = 0
    north: bool = False
    scale_bar: bool = False
    elsewhere: int = 0
    """Other drawings on the sheet, without rooms: elevations, roofs, tables."""
    scrawls: int = 0
    eaves: bool = False
    """A dashed line around each floor, where the roof ends."""
    sections: int = 0
    """Section marks through each floor."""
    margin: float = 0.05
    """The mean of the margins, as a share of the sheet's longer side."""
    cut: int = 0
    """Number of sides at which the picture cuts off the plan."""
    floors: int = 1


def drawing_style(rng: random.Random, family: Family | None = None) -> DrawingStyle:
    """A random style of a family; without one, the family is chosen by FAMILIES' shares."""
    if family is None:
        family = rng.choices(list(FAMILIES), weights=list(FAMILIES.values()))[0]
    make = {
        "listing": _listing,
        "architect": _architect,
        "colour": _colour,
        "cad": _cad,
        "survey": _survey,
        "schematic": _schematic,
        "cyanotype": _cyanotype,
        "inverted": _inverted,
    }[family]
    return make(rng)


def _lettering(rng: random.Random) -> Lettering:
    return rng.choice((0.8, 0.9, 1.0, 1.0, 1.15)), rng.choice((0.0, 0.0, 0.0, 0.2)), rng.choice((0, 0, 0, 1))


def _cut(rng: random.Random, share: float) -> int:
    return rng.randint(1, 2) if rng.random() < share else 0


def _grey(rng: random.Random, low: int, high: int) -> Colour:
    value = rng.randint(low, high)
    return value, value, value


def _hue(rng: random.Random) -> Colour:
    """A strong, dark colour."""
    red, green, blue = colorsys.hsv_to_rgb(rng.choice((0.0, 0.08, 0.35, 0.6, 0.6, 0.65)), 0.8, rng.uniform(0.4, 0.7))
    return round(red * 255), round(green * 255), round(blue * 255)


def _listing(rng: random.Random) -> DrawingStyle:
    """Clean plans of flats for sale."""
    tinted = rng.random() < 0.2
    ink = _grey(rng, 0, 40)
    wall_ink = _hue(rng) if tinted else _grey(rng, 0, 90)
    return DrawingStyle(
        family="listing",
        ink=ink,
        wall_ink=wall_ink,
        furniture_ink=_grey(rng, 0, 90),
        text_ink=ink,
        walls=rng.choices(("solid", "outlined", "hatched", "filled"), (0.85, 0.06, 0.04, 0.05))[0],
        wall_tone=_grey(rng, 120, 235),
        pen=rng.choice((rng.uniform(0.5, 1.2), rng.uniform(0.8, 2.0))),
        floors_patterned=rng.choice((0.0, 0.0, 0.0, 0.3)),
        movable=rng.choice((0.0, 0.0, 0.0, 0.5)),
        built_in=rng.uniform(0.7, 1.0),
        furniture_dashed=rng.random() < 0.1,
        language=rng.choices(LANGUAGES, (0.15, 0.55, 0.1, 0.05, 0.05, 0.05, 0.05))[0],
        lettering=_lettering(rng),
        capital_px=rng.uniform(4.5, 11.0),
        names=rng.choice((1.0, 1.0, 0.9, 0.0)),
        areas=rng.choice((0.0, 0.0, 0.0, 1.0)),
        doors=rng.choices(("arc", "leaf", "gap", "thick leaf"), (0.8, 0.06, 0.06, 0.08))[0],
        twin_doors=rng.random() < 0.5,
        windows=rng.choice(("lines", "lines", "one line", "box", "sill")),
        windowed=rng.uniform(0.6, 1.0),
        borders=rng.choices(("none", "dashed", "thin"), (0.8, 0.15, 0.05))[0],
        outdoor=rng.choice(("plain", "plain", "railing", "planks", "tone")),
        outdoor_tone=rng.uniform(0.1, 0.35),
        bare=rng.choice((0.0, 0.4)),
        overhead=rng.choice((0.0, 0.0, 0.0, 0.0, 0.1, 0.3)),
        notes=rng.choice((0.0, 0.0, 0.0, 0.2)),
        title=rng.choice(("none", "none", "caption")),
        north=rng.random() < 0.1,
        scale_bar=rng.random() < 0.08,
        scrawls=rng.choice((0, 0, 0, 0, 0, 1, 2)),
        margin=rng.uniform(0.0, 0.09),
        cut=_cut(rng, 0.06),
        floors=rng.choices((1, 2, 3), (0.8, 0.15, 0.05))[0],
    )


def _architect(rng: random.Random) -> DrawingStyle:
    """Scanned building permit drawings: hatching, dimensions, furniture, several floors a sheet."""
    ink = _grey(rng, 0, 60)
    walls: Walls = rng.choices(
        ("hatched", "cross-hatched", "outlined", "filled", "solid", "layered", "insulated", "speckled"),
        (0.24, 0.1, 0.14, 0.12, 0.12, 0.14, 0.08, 0.06),
    )[0]
    return DrawingStyle(
        family="architect",
        ink=ink,
        wall_ink=ink,
        furniture_ink=_grey(rng, 0, 130),
        text_ink=ink,
        walls=walls,
        wall_tone=_grey(rng, 110, 220),
        partitions=rng.choice(("outlined", "outlined", "solid", walls)),
        pen=rng.choice((rng.uniform(0.5, 1.1), rng.uniform(0.7, 1.7))),
        hatch_px=rng.uniform(2.0, 5.0),
        floors_patterned=rng.choice((0.0, 0.4, 0.8)),
        movable=rng.choice((0.0, 0.6, 1.0)),
        built_in=rng.uniform(0.7, 1.0),
        furniture_dashed=rng.random() < 0.12,
        language=rng.choices(LANGUAGES, (0.3, 0.4, 0.06, 0.06, 0.06, 0.06, 0.06))[0],
        lettering=_lettering(rng),
        capital_px=rng.uniform(3.5, 7.5),
        names=rng.uniform(0.8, 1.0),
        areas=rng.choice((0.0, 0.9, 1.0)),
        notes=rng.choice((0.0, 0.3, 0.8)),
        halo=rng.random() < 0.2,
        doors=rng.choice(("arc", "arc", "arc", "thick leaf")),
        twin_doors=rng.random() < 0.2,
        windows=rng.choice(("lines", "lines", "sill", "box")),
        windowed=rng.uniform(0.7, 1.0),
        borders=rng.choices(("none", "dashed"), (0.7, 0.3))[0],
        outdoor=rng.choice(("plain", "planks", "railing")),
        bare=rng.choice((0.0, 0.4)),
        overhead=rng.choice((0.0, 0.1, 0.2, 0.5)),
        chains=rng.choice((0, 0, 0, 1, 2, 3)),
        unit=rng.choice(("mm", "mm", "m", "cm")),
        tick=rng.choice(("slash", "slash", "arrow", "dot")),
        axes=rng.random() < 0.2,
        title=rng.choices(("none", "caption", "corner", "strip", "band"), (0.5, 0.25, 0.1, 0.07, 0.08))[0],
        stamps=rng.choice((0, 0, 0, 1, 2)),
        north=rng.random() < 0.15,
        elsewhere=rng.choice((0, 0, 0, 0, 0, 0, 1)),
        scrawls=rng.choice((0, 0, 0, 0, 1)),
        eaves=rng.random() < 0.25,
        sections=rng.choice((0, 0, 1, 2)),
        margin=rng.uniform(0.0, 0.07),
        cut=_cut(rng, 0.12),
        floors=rng.choices((1, 2, 3, 4), (0.72, 0.22, 0.05, 0.01))[0],
    )


def _colour(rng: random.Random) -> DrawingStyle:
    """A coloured fill for each room."""
    tinted = rng.random() < 0.3
    wall_ink = _hue(rng) if tinted else _grey(rng, 0, 60)
    base = _listing(rng)
    return replace(
        base,
        family="colour",
        paper=rng.choice((WHITE, WHITE, (248, 242, 230), (240, 244, 250))),
        wall_ink=wall_ink,
        walls=rng.choices(("solid", "filled", "outlined"), (0.8, 0.1, 0.1))[0],
        fills=rng.choice(("kinds", "kinds", "one")),
        palette=rng.randrange(1 << 30),
        movable=rng.choice((0.0, 0.6, 1.0)),
        furniture_dashed=rng.random() < 0.1,
        furniture_tone=rng.choice((None, WHITE, _grey(rng, 120, 240))),
        floors_patterned=rng.choice((0.0, 0.3, 0.8)),
        outdoor=rng.choice(("tone", "tone", "planks")),
        outdoor_tone=rng.uniform(0.1, 0.7),
        title=rng.choice(("caption", "caption", "none")),
        floors=rng.choices((1, 2, 3), (0.75, 0.18, 0.07))[0],
    )


def _cad(rng: random.Random) -> DrawingStyle:
    """CAD sheets: thin lines, sometimes a colour per layer, much around the plan."""
    ink, coloured = _grey(rng, 0, 90), rng.random() < 0.2
    return DrawingStyle(
        family="cad",
        paper=rng.choice((WHITE, WHITE, (244, 244, 244))),
        ink=ink,
        wall_ink=_grey(rng, 0, 80),
        furniture_ink=_hue(rng) if coloured else _grey(rng, 40, 150),
        text_ink=_hue(rng) if coloured else ink,
        walls=rng.choices(("outlined", "filled", "solid", "hatched"), (0.4, 0.25, 0.25, 0.1))[0],
        partitions=rng.choice(("outlined", "filled", "solid")),
        wall_tone=_grey(rng, 90, 210),
        pen=rng.uniform(0.4, 0.8),
        hatch_px=rng.uniform(2.0, 4.0),
        floors_patterned=rng.choice((0.0, 0.3, 0.6)),
        movable=rng.choice((0.0, 0.7, 1.0)),
        built_in=rng.uniform(0.6, 1.0),
        language=rng.choices(LANGUAGES, (0.05, 0.05, 0.5, 0.1, 0.1, 0.15, 0.05))[0],
        lettering=_lettering(rng),
        capital_px=rng.uniform(3.0, 5.0),
        names=rng.choice((0.0, 1.0, 1.0)),
        areas=rng.choice((0.0, 0.5, 1.0)),
        notes=rng.choice((0.0, 0.5)),
        halo=rng.random() < 0.3,
        doors=rng.choice(("arc", "arc", "thick leaf", "leaf")),
        windows=rng.choice(("lines", "box", "sill", "one line")),
        windowed=rng.uniform(0.7, 1.0),
        borders=rng.choices(("none", "dashed"), (0.6, 0.4))[0],
        outdoor=rng.choice(("plain", "planks", "railing")),
        overhead=rng.choice((0.0, 0.0, 0.1, 0.3)),
        chains=rng.choice((0, 0, 0, 1, 2, 3)),
        unit=rng.choice(("feet", "feet", "mm", "m")),
        tick=rng.choice(("slash", "arrow", "dot")),
        axes=rng.random() < 0.4,
        title=rng.choice(("strip", "band", "corner", "caption", "none")),
        stamps=rng.choice((0, 0, 1)),
        north=rng.random() < 0.5,
        scale_bar=rng.random() < 0.3,
        elsewhere=rng.choice((0, 0, 0, 0, 1, 2)),
        eaves=rng.random() < 0.2,
        sections=rng.choice((0, 0, 0, 1)),
        margin=rng.uniform(0.0, 0.12),
        cut=_cut(rng, 0.15),
        floors=rng.choices((1, 2, 3), (0.8, 0.16, 0.04))[0],
    )


def _survey(rng: random.Random) -> DrawingStyle:
    """Old surveys on grey or yellowed paper, lettered by hand."""
    ink = _grey(rng, 20, 80)
    return DrawingStyle(
        family="survey",
        paper=rng.choice(((214, 206, 196), (226, 222, 214), (200, 200, 200), (236, 226, 200))),
        ink=ink,
        wall_ink=ink,
        furniture_ink=ink,
        text_ink=ink,
        walls=rng.choices(("outlined", "solid", "hatched"), (0.6, 0.25, 0.15))[0],
        partitions=rng.choice(("outlined", "solid")),
        pen=rng.uniform(1.0, 2.0),
        hatch_px=rng.uniform(3.0, 6.0),
        built_in=rng.choice((0.0, 0.5, 0.9)),
        language=rng.choice(LANGUAGES),
        lettering=(rng.uniform(0.75, 1.0), 0.25, 0),
        capital_px=rng.uniform(6.0, 10.0),
        names=rng.choice((0.0, 0.5, 1.0)),
        areas=1.0,
        doors=rng.choice(("gap", "arc", "leaf")),
        windows=rng.choice(("lines", "one line", "box")),
        windowed=1.0,
        chains=rng.choice((0, 1)),
        unit="m",
        tick=rng.choice(("slash", "arrow")),
        stamps=rng.choice((0, 1)),
        scrawls=rng.choice((0, 0, 1, 3)),
        margin=rng.uniform(0.01, 0.09),
        cut=_cut(rng, 0.1),
    )


def _schematic(rng: random.Random) -> DrawingStyle:
    """Close-up parts of plans: walls, doors and loose furniture."""
    return DrawingStyle(
        family="schematic",
        paper=_grey(rng, 230, 255),
        ink=_grey(rng, 0, 60),
        wall_ink=_grey(rng, 0, 40),
        furniture_ink=_grey(rng, 20, 90),
        pen=rng.uniform(0.8, 1.5),
        movable=1.0,
        built_in=rng.choice((0.0, 0.8)),
        afloat=rng.uniform(0.3, 1.0),
        names=0.0,
        doors=rng.choice(("arc", "arc", "thick leaf", "gap")),
        windowed=rng.choice((0.0, 0.4)),
        windows=rng.choice(("box", "one line")),
        margin=rng.uniform(0.0, 0.05),
        cut=rng.randint(0, 4),
    )


def _cyanotype(rng: random.Random) -> DrawingStyle:
    """White lines on blue."""
    ink = _grey(rng, 215, 255)
    blue = rng.randint(20, 60), rng.randint(60, 100), rng.randint(140, 190)
    return replace(_recoloured(_architect(rng), blue, ink), family="cyanotype")


def _inverted(rng: random.Random) -> DrawingStyle:
    """Light lines on black, as on a screen."""
    base = _cad(rng) if rng.random() < 0.6 else _listing(rng)
    return replace(_recoloured(base, _grey(rng, 0, 40), _grey(rng, 190, 255)), family="inverted")


def _recoloured(style: DrawingStyle, paper: Colour, ink: Colour) -> DrawingStyle:
    tone = tuple((3 * p + i) // 4 for p, i in zip(paper, ink, strict=True))
    return replace(
        style,
        paper=paper,
        ink=ink,
        wall_ink=ink,
        wall_tone=(tone[0], tone[1], tone[2]),
        furniture_ink=ink,
        text_ink=ink,
        fills="none",
    )
