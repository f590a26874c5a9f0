"""The kinds of buildings: their units with widths and shares, their depths, and the room names on their tags."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from blueprints.rendering.buildings.cell import Unit, plain
from blueprints.rendering.buildings.flats import flat
from blueprints.rendering.buildings.furniture_placing import (
    bedside,
    canteen_furniture,
    class_furniture,
    exam_furniture,
    hotel_bed,
    kitchen_furniture,
    lab_furniture,
    lecture_furniture,
    lounge_furniture,
    meeting_furniture,
    office_furniture,
    plant_furniture,
    store_furniture,
    ward_furniture,
)
from blueprints.rendering.buildings.service_rooms import closets, lifts, shaft, stairs
from blueprints.rendering.buildings.suites import clinic, divided, open_office
from blueprints.rendering.buildings.wet_rooms import toilets, with_bathroom


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A unit, its relative frequency, its width in metres, and how many of equal width follow each other."""

    unit: Unit
    share: float
    widths: tuple[float, float]
    run: tuple[int, int] = (1, 1)


@dataclass(frozen=True, kw_only=True)
class Programme:
    name: str
    entries: tuple[Entry, ...]
    core: tuple[Entry, ...]
    """Stairs, lifts, toilets and closets: every storey has them; they also fill the core within a ring of corridors."""
    depth: tuple[float, float]
    corridor: tuple[float, float]
    halls: tuple[str, ...]
    """Kinds of large rooms."""


def _entry(unit: Unit, share: float, low: float, high: float, run: tuple[int, int] = (1, 1)) -> Entry:
    return Entry(unit=unit, share=share, widths=(low, high), run=run)


office = plain("office", office_furniture)
store = plain("storage", store_furniture)
plant = plain("mechanical", plant_furniture)
meeting = plain("conference", meeting_furniture)
classroom = plain("classroom", class_furniture)
laboratory = plain("laboratory", lab_furniture, door=1.4)
lounge = plain("lounge", lounge_furniture)
canteen = plain("dining", canteen_furniture, door=1.8)
pantry = plain("kitchen", kitchen_furniture)
exam = plain("exam", exam_furniture)
shared_ward = plain("ward", ward_furniture, door=1.2)
lobby = plain("lobby", lounge_furniture, door=1.8)
small_office = plain("office", None)

CORE = (
    _entry(stairs, 3, 2.6, 3.6),
    _entry(lifts, 2, 2.2, 7.5),
    _entry(toilets, 3, 3.0, 9.0),
    _entry(closets, 4, 1.4, 5.5),
    _entry(shaft, 3, 0.7, 2.2),
    _entry(plant, 1, 2.4, 6.0),
    _entry(store, 1.5, 1.8, 5.0),
)

PROGRAMMES: dict[str, Programme] = {
    "hospital": Programme(
        name="hospital",
        entries=(
            _entry(with_bathroom("patient", bedside, outside=True), 6, 3.4, 4.6, (2, 7)),
            _entry(shared_ward, 1, 4.0, 7.0, (1, 3)),
            _entry(exam, 2, 2.6, 3.8, (1, 5)),
            _entry(office, 1.5, 2.4, 4.0, (1, 3)),
            _entry(plain("soiled utility", store_furniture), 1, 2.0, 3.4),
            _entry(plain("clean utility", store_furniture), 1, 2.0, 3.4),
            _entry(plain("medication", kitchen_furniture), 0.7, 2.0, 3.2),
            _entry(plain("nourishment", kitchen_furniture), 0.5, 2.0, 3.4),
            _entry(lounge, 0.8, 3.5, 7.0),
            _entry(closets, 1.2, 1.4, 4.0),
        ),
        core=(
            *CORE,
            _entry(plain("nurse station", None), 1, 3.5, 8.0),
            _entry(plain("clean utility", store_furniture), 1, 2.4, 4.0),
            _entry(plain("staff", lounge_furniture), 1, 2.4, 5.0),
            _entry(plain("medication", kitchen_furniture), 1, 2.0, 3.5),
        ),
        depth=(5.2, 7.5),
        corridor=(2.1, 3.0),
        halls=("lobby", "waiting", "dining", "therapy"),
    ),
    "clinic": Programme(
        name="clinic",
        entries=(
            _entry(exam, 4, 2.6, 3.6, (2, 6)),
            _entry(clinic, 3, 2.8, 4.2, (2, 5)),
            _entry(office, 2, 2.4, 4.0, (1, 4)),
            _entry(divided(("office", "exam", "storage")), 1, 6.0, 11.0),
            _entry(laboratory, 0.8, 4.0, 8.0),
            _entry(plain("waiting", lounge_furniture), 1, 4.0, 9.0),
            _entry(closets, 1.5, 1.2, 4.0),
            _entry(toilets, 0.8, 1.8, 2.6, (1, 2)),
        ),
        core=CORE,
        depth=(4.2, 7.0),
        corridor=(1.5, 2.6),
        halls=("waiting", "lobby", "reception", "laboratory"),
    ),
    "office": Programme(
        name="office",
        entries=(
            _entry(office, 5, 2.4, 4.2, (2, 8)),
            _entry(small_office, 1, 2.4, 3.4, (1, 6)),
            _entry(open_office, 1, 8.0, 18.0),
            _entry(meeting, 1.5, 3.6, 8.0),
            _entry(divided(("office", "office", "copy", "storage")), 1.2, 6.0, 12.0),
            _entry(pantry, 0.6, 2.4, 4.0),
            _entry(closets, 0.8, 1.2, 4.0),
        ),
        core=CORE,
        depth=(4.4, 7.2),
        corridor=(1.4, 2.4),
        halls=("open office", "conference", "lobby", "reception"),
    ),
    "school": Programme(
        name="school",
        entries=(
            _entry(classroom, 6, 7.5, 10.5, (2, 5)),
            _entry(laboratory, 1, 8.0, 12.0, (1, 2)),
            _entry(office, 1, 2.6, 4.0, (1, 4)),
            _entry(store, 1, 1.8, 4.0),
            _entry(divided(("office", "office", "storage", "conference")), 0.8, 7.0, 12.0),
            _entry(lounge, 0.5, 5.0, 9.0),
            _entry(closets, 0.8, 1.2, 4.0),
        ),
        core=CORE,
        depth=(6.5, 9.0),
        corridor=(2.2, 3.6),
        halls=("gymnasium", "auditorium", "dining", "library", "lobby"),
    ),
    "hotel": Programme(
        name="hotel",
        entries=(
            _entry(with_bathroom("guest room", hotel_bed, bath=True, closet=True), 9, 3.5, 4.6, (3, 10)),
            _entry(with_bathroom("suite", hotel_bed, bath=True, closet=True), 0.8, 5.0, 7.5),
            _entry(plain("linen", store_furniture), 0.5, 1.6, 3.2),
            _entry(pantry, 0.3, 6.0, 12.0),
            _entry(closets, 0.5, 1.2, 3.0),
        ),
        core=CORE,
        depth=(6.2, 8.5),
        corridor=(1.5, 2.1),
        halls=("lobby", "dining", "lounge", "conference"),
    ),
    "university": Programme(
        name="university",
        entries=(
            _entry(office, 4, 2.5, 3.8, (2, 8)),
            _entry(laboratory, 3, 6.0, 10.0, (1, 4)),
            _entry(classroom, 1.5, 7.0, 11.0, (1, 2)),
            _entry(plain("lecture", lecture_furniture, door=1.8), 0.7, 10.0, 15.0),
            _entry(meeting, 1, 4.0, 7.0),
            _entry(divided(("office", "laboratory", "storage", "data")), 1, 6.0, 10.0),
            _entry(store, 1, 1.8, 4.0),
            _entry(closets, 0.8, 1.2, 4.0),
        ),
        core=CORE,
        depth=(4.8, 9.0),
        corridor=(1.8, 3.0),
        halls=("lecture", "lobby", "library", "laboratory", "auditorium"),
    ),
    "apartments": Programme(
        name="apartments",
        entries=(
            _entry(flat, 8, 6.4, 12.0, (1, 4)),
            _entry(with_bathroom("studio", hotel_bed, bath=True, closet=True), 1, 4.0, 5.4, (1, 3)),
        ),
        core=(
            _entry(stairs, 3, 2.6, 3.4),
            _entry(lifts, 2, 2.0, 5.0),
            _entry(closets, 3, 1.4, 4.5),
            _entry(shaft, 1.5, 0.8, 2.0),
            _entry(store, 1, 1.8, 4.0),
        ),
        depth=(7.5, 10.5),
        corridor=(1.4, 2.0),
        halls=("lobby", "lounge", "gymnasium", "storage"),
    ),
}


SHARES = {"hospital": 4, "clinic": 2.5, "office": 3.5, "school": 2, "hotel": 2, "university": 3, "apartments": 3}


def programme(rng: random.Random) -> Programme:
    return PROGRAMMES[rng.choices(list(SHARES), list(SHARES.values()))[0]]


FURNISHING: dict[str, Callable[..., None]] = {
    "conference": meeting_furniture,
    "dining": canteen_furniture,
    "laboratory": lab_furniture,
    "lecture": lecture_furniture,
    "auditorium": lecture_furniture,
    "classroom": class_furniture,
    "office": office_furniture,
    "library": store_furniture,
    "storage": store_furniture,
    "mechanical": plant_furniture,
    "lounge": lounge_furniture,
    "lobby": lounge_furniture,
    "waiting": lounge_furniture,
    "kitchen": kitchen_furniture,
}
