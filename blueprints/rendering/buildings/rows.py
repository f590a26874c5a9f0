"""Rows of units along a corridor."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.cell import Cell, plain
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Entry, Programme
from blueprints.rendering.buildings.storey import Storey

NICHE_SHARE = 0.05


@dataclass(eq=False, kw_only=True)
class Row:
    """A finished row of units: the places of its partitions, and the niches (left, right, depth) of the corridor."""

    stops: list[float]
    niches: list[tuple[float, float, float]]


def fill_row(
    s: Storey,
    programme: Programme,
    frame: Frame,
    length: float,
    depth: float,
    *,
    front: float,
    back: float | None,
    core: bool = False,
    links: Sequence[tuple[float, float]] = (),
    niches: bool = True,
) -> Row:
    """Units side by side from x = 0 to `length`. `links` (left, right) stay free, from corridor to facade."""
    row = Row(stops=[0.0], niches=[])
    at = 0.0
    for left, right in [*sorted(links), (length + s.partition, length)]:
        if left - s.partition - at > 0.6:
            _fill(s, programme, frame, at, left - s.partition, depth, front, back, core, niches, row)
        if right < length:
            row.stops += [left, right]
        at = right + s.partition
    row.stops.append(length)
    return row


def _fill(
    s: Storey,
    programme: Programme,
    frame: Frame,
    start: float,
    end: float,
    depth: float,
    front: float,
    back: float | None,
    core: bool,
    niches: bool,
    row: Row,
) -> None:
    rng, t = s.rng, s.partition
    for entry, left, right in widths(s.rng, programme, start, end, t, core=core):
        cell = Cell(frame=frame.moved(left, 0), width=right - left, depth=depth, front=front, back=back)
        s.flipped = not s.flipped if s.fit.mirrored else s.flipped
        if niches and not core and rng.random() < NICHE_SHARE and depth > 3.5:
            deep = rng.choice((rng.uniform(0.5, 1.2), rng.uniform(1.5, 2.6)))
            row.niches.append((left, right, deep))
            behind = replace(cell, frame=cell.frame.moved(0, deep + t), depth=depth - deep - t, front=t)
            if s.fit.furnished:
                furniture_symbols.counter(s, frame.moved(left, deep).mirrored_y(), 0.1, right - left - 0.1)
            plain(rng.choice(("office", "storage", "workspace")))(s, behind)
        else:
            entry.unit(s, cell)
        row.stops.append(right + t / 2)


def widths(
    rng: random.Random, programme: Programme, start: float, end: float, t: float, *, core: bool
) -> list[tuple[Entry, float, float]]:
    """Units with their left and right ends, filling start..end, with partitions of thickness t between them."""
    chosen: list[tuple[Entry, float]] = []
    left = end - start
    entries = programme.core if core else programme.entries
    shares = [entry.share for entry in entries]
    since_core = rng.uniform(0, 14)
    while left > 1.0:
        if not core and since_core > 16:
            since_core = rng.uniform(-8, 4)
            group = rng.choices(programme.core, [e.share for e in programme.core], k=rng.randint(1, 4))
            chosen += [(entry, rng.uniform(*entry.widths)) for entry in group]
        else:
            entry = rng.choices(entries, shares)[0]
            width = rng.uniform(*entry.widths)
            chosen += [(entry, width)] * rng.randint(*entry.run)
        while sum(w + t for _, w in chosen) - t > end - start and len(chosen) > 1:
            chosen.pop()
        used = sum(w + t for _, w in chosen)
        since_core += chosen[-1][1] if chosen else 0
        left = end - start - used
        if len(chosen) and left < max(2.2, min(e.widths[0] for e in entries)):
            break
        if len(chosen) == 1 and chosen[0][1] > end - start:
            break
    # The remaining width goes to the widest entries, or becomes a narrow unit of its own.
    space = end - start + t
    if left > 1.3 and rng.random() < 0.6:
        small = [e for e in programme.core if e.widths[0] <= left - t]
        if small:
            chosen.insert(rng.randrange(len(chosen) + 1), (rng.choice(small), left - t))
    scale = (space - t * len(chosen)) / sum(w for _, w in chosen)
    placed = []
    x = start
    for entry, width in chosen:
        placed.append((entry, x, x + width * scale))
        x += width * scale + t
    return placed
