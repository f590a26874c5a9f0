"""The shipped sample: a ground floor of ten rooms, none of it taken from any data set."""

from __future__ import annotations

from pathlib import Path

from blueprints.geometry import Box, Point
from blueprints.plan import DimensionChain, Door, Furniture, Plan, Room, Sheet, TitleBlock, Wall, Window

PIXELS_PER_METRE = 85.0
"""Scale of the shipped picture: 1785 x 1262 px."""

PICTURE = Path(__file__).with_name("sample.png")
"""The shipped picture; its true rooms lie beside it in `sample.rooms.json`."""

OUTER = 0.40
BEARING = 0.24
PARTITION = 0.12
RAILING = 0.06


def _rectangle(box: Box) -> tuple[Point, ...]:
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _partition(start: Point, end: Point, *doors: Door) -> Wall:
    return Wall(start=start, end=end, thickness=PARTITION, material="stud", openings=doors)


WALLS = (
    # The outside, clockwise from the top left corner.
    Wall(
        start=(0.20, 0.20),
        end=(13.20, 0.20),
        thickness=OUTER,
        openings=(
            Window(at=1.10, width=1.60),
            Window(at=4.55, width=1.50),
            Window(at=7.75, width=1.20),
            Window(at=10.35, width=1.60),
        ),
    ),
    Wall(
        start=(13.20, 0.20),
        end=(13.20, 9.00),
        thickness=OUTER,
        openings=(Window(at=5.10, width=2.40),),
    ),
    Wall(
        start=(13.20, 9.00),
        end=(7.16, 9.00),
        thickness=OUTER,
        openings=(
            Window(at=0.60, width=1.50),
            Door(at=2.50, width=0.90, hinge="start", side="left"),
            Window(at=3.80, width=1.60),
        ),
    ),
    Wall(start=(7.16, 9.00), end=(7.16, 7.84), thickness=OUTER),
    Wall(
        start=(7.16, 7.84),
        end=(0.20, 7.84),
        thickness=OUTER,
        openings=(
            Window(at=0.32, width=0.60),
            Window(at=2.10, width=0.90),
            Window(at=4.24, width=0.60),
        ),
    ),
    Wall(
        start=(0.20, 7.84),
        end=(0.20, 0.20),
        thickness=OUTER,
        openings=(Door(at=2.82, width=1.00, hinge="end", side="right"),),
    ),
    # The bearing wall between the quiet side and the living side; the door leads from the hall.
    Wall(
        start=(7.24, 0.20),
        end=(7.24, 7.84),
        thickness=BEARING,
        openings=(Door(at=3.87, width=0.90, hinge="end", side="left"),),
    ),
    _partition((3.86, 0.20), (3.86, 3.86)),
    _partition(
        (0.20, 3.86),
        (7.24, 3.86),
        Door(at=2.62, width=0.85, hinge="end", side="left"),
        Door(at=3.86, width=0.85, hinge="start", side="left"),
    ),
    _partition(
        (0.20, 5.18),
        (7.24, 5.18),
        Door(at=0.55, width=0.80, hinge="start", side="right"),
        Door(at=1.95, width=0.70, hinge="start", side="right"),
        Door(at=3.27, width=0.80, hinge="start", side="right"),
        Door(at=6.00, width=0.80, hinge="start", side="right"),
    ),
    _partition((1.96, 5.18), (1.96, 7.84)),
    _partition((3.28, 5.18), (3.28, 7.84)),
    _partition((5.90, 5.18), (5.90, 7.84)),
    _partition((9.66, 0.20), (9.66, 4.26)),
    _partition((9.66, 4.26), (13.20, 4.26), Door(at=0.20, width=0.85, hinge="start", side="left")),
    # The balcony's railing.
    Wall(start=(8.43, 9.23), end=(8.43, 10.77), thickness=RAILING, material="railing"),
    Wall(start=(8.43, 10.77), end=(13.37, 10.77), thickness=RAILING, material="railing"),
    Wall(start=(13.37, 10.77), end=(13.37, 9.23), thickness=RAILING, material="railing"),
)

ROOMS = (
    Room(name="Bedroom 2", outline=_rectangle((0.40, 0.40, 3.80, 3.80)), label=(2.55, 2.20)),
    Room(name="Bedroom 3", outline=_rectangle((3.92, 0.40, 7.12, 3.80)), label=(5.00, 2.62)),
    Room(
        name="Kitchen / Living",
        outline=((7.36, 0.40), (9.60, 0.40), (9.60, 4.32), (13.00, 4.32), (13.00, 8.80), (7.36, 8.80)),
        label=(9.30, 8.10),
    ),
    Room(name="Bedroom 1", outline=_rectangle((9.72, 0.40, 13.00, 4.20)), label=(11.25, 3.55)),
    Room(name="Hall", outline=_rectangle((0.40, 3.92, 7.12, 5.12)), label=(3.75, 4.52)),
    Room(name="Storage", outline=_rectangle((0.40, 5.24, 1.90, 7.64)), label=(1.35, 6.45), text_height=0.14),
    Room(name="WC", outline=_rectangle((2.02, 5.24, 3.22, 7.64)), label=(2.75, 6.42), text_height=0.14),
    Room(name="Bath", outline=_rectangle((3.34, 5.24, 5.84, 7.64)), label=(4.55, 6.42), text_height=0.14),
    Room(name="Laundry", outline=_rectangle((5.96, 5.24, 7.12, 7.64)), label=(6.54, 6.42), text_height=0.14),
    Room(name="Balcony", outline=_rectangle((8.46, 9.20, 13.34, 10.74)), label=(9.20, 9.90)),
)

FURNITURE = (
    # Bedroom 2
    Furniture(kind="single_bed", x=0.45, y=0.55, width=2.00, height=0.95, back="west"),
    Furniture(kind="night_table", x=0.45, y=1.58, width=0.42, height=0.42),
    Furniture(kind="wardrobe", x=0.42, y=2.20, width=0.60, height=1.55, back="west"),
    Furniture(kind="desk", x=2.75, y=0.50, width=1.00, height=1.30, back="east"),
    # Bedroom 3
    Furniture(kind="single_bed", x=6.12, y=0.50, width=0.95, height=2.00, back="north"),
    Furniture(kind="night_table", x=5.62, y=0.50, width=0.42, height=0.42),
    Furniture(kind="desk", x=3.96, y=0.60, width=1.05, height=1.40, back="west"),
    Furniture(kind="wardrobe", x=5.35, y=3.18, width=1.72, height=0.60, back="south"),
    # Bedroom 1
    Furniture(kind="double_bed", x=10.95, y=1.25, width=2.02, height=1.65, back="east"),
    Furniture(kind="night_table", x=12.52, y=0.75, width=0.45, height=0.42, back="east"),
    Furniture(kind="night_table", x=12.52, y=2.98, width=0.45, height=0.42, back="east"),
    Furniture(kind="wardrobe", x=9.74, y=0.45, width=0.60, height=2.40, back="west"),
    # Kitchen
    Furniture(kind="counter", x=7.38, y=0.42, width=0.60, height=2.90, back="west"),
    Furniture(kind="counter", x=7.98, y=0.42, width=0.98, height=0.60),
    Furniture(kind="sink", x=8.00, y=0.46, width=0.90, height=0.50),
    Furniture(kind="hob", x=7.40, y=1.75, width=0.56, height=0.60, back="west"),
    Furniture(kind="fridge", x=8.98, y=0.42, width=0.60, height=0.62, back="east"),
    Furniture(kind="counter", x=8.98, y=1.04, width=0.60, height=1.20, back="east"),
    # Living room
    Furniture(kind="dining_table", x=7.85, y=5.45, width=1.60, height=1.85, back="west"),
    Furniture(kind="rug", x=10.45, y=5.05, width=2.10, height=1.95),
    Furniture(kind="sofa", x=10.70, y=4.40, width=2.10, height=0.92, back="north"),
    Furniture(kind="table", x=11.15, y=5.75, width=1.10, height=0.60),
    Furniture(kind="armchair", x=10.05, y=5.75, width=0.85, height=0.85, back="west"),
    Furniture(kind="sideboard", x=11.00, y=8.34, width=1.70, height=0.42, back="south"),
    Furniture(kind="plant", x=7.50, y=8.20, width=0.50, height=0.50),
    # Storage, WC, bath and laundry
    Furniture(kind="shelf", x=0.42, y=6.20, width=0.40, height=1.40, back="west"),
    Furniture(kind="shelf", x=0.84, y=7.22, width=1.04, height=0.40, back="south"),
    Furniture(kind="toilet", x=2.42, y=6.94, width=0.40, height=0.68, back="south"),
    Furniture(kind="basin", x=2.04, y=6.20, width=0.32, height=0.44, back="west"),
    Furniture(kind="bath", x=3.36, y=6.87, width=1.70, height=0.75, back="south"),
    Furniture(kind="basin", x=3.36, y=6.18, width=0.46, height=0.58, back="west"),
    Furniture(kind="shower", x=4.92, y=5.26, width=0.90, height=0.90, back="east"),
    Furniture(kind="toilet", x=5.16, y=6.42, width=0.66, height=0.40, back="east"),
    Furniture(kind="washer", x=5.98, y=7.02, width=0.56, height=0.60, back="south"),
    Furniture(kind="washer", x=6.55, y=7.02, width=0.56, height=0.60, back="south"),
    # Balcony
    Furniture(kind="round_table", x=11.90, y=9.60, width=1.36, height=0.80, back="west"),
    Furniture(kind="plant", x=8.60, y=10.26, width=0.40, height=0.40),
)

DIMENSIONS = (
    DimensionChain(axis="x", at=-0.55, stops=(0.0, 1.30, 2.90, 4.75, 6.25, 7.95, 9.15, 10.55, 12.15, 13.40)),
    DimensionChain(axis="x", at=-1.05, stops=(0.0, 3.86, 7.24, 9.66, 13.40)),
    DimensionChain(axis="x", at=-1.55, stops=(0.0, 13.40)),
    DimensionChain(axis="y", at=-0.65, stops=(0.0, 3.86, 5.18, 8.04)),
    DimensionChain(axis="y", at=-1.15, stops=(0.0, 8.04)),
    DimensionChain(axis="y", at=14.15, stops=(0.0, 4.26, 9.20, 10.80)),
    DimensionChain(axis="x", at=8.75, stops=(0.0, 1.96, 3.28, 5.90)),
    DimensionChain(axis="x", at=11.45, stops=(8.40, 13.40)),
)

SAMPLE = Plan(
    sheet=Sheet(width=21.00, height=14.85, scale=50, origin=(2.05, 2.55)),
    walls=WALLS,
    rooms=ROOMS,
    furniture=FURNITURE,
    dimensions=DIMENSIONS,
    title=TitleBlock(
        project="House at the Orchard",
        drawing="Ground floor plan",
        phase="Building permit",
        drawn_by="Room detection sample",
        date="2026-03-02",
        number="A-101",
        notes=(
            "Sizes in metres, walls without finish.",
            "Areas between inner wall faces.",
            "Walls 0.40, bearing 0.24, partitions 0.12.",
        ),
    ),
)
