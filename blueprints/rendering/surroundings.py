"""What surrounds a floor: dimension chains, axes, eaves, section marks, and a caption."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from blueprints.geometry import Point
from blueprints.rendering.drawing import Drawing
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.layout import Kind
from blueprints.rendering.placed_layout import PlacedLayout
from blueprints.rendering.room_names import FLOOR_NAMES

CHAIN_PX = 13.0
AXIS_PX = 22.0
LEAST_GAP_PX = 9.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Surroundings(Drawing):
    """Draws what surrounds a floor."""

    placed: PlacedLayout

    def draw_at_random(self, rng: random.Random) -> None:
        """Random dimension chains and axes around a floor, and its caption."""
        stops = self._stops()
        if self.style.axes:
            self._axes(stops)
        sides: list[Literal["top", "left", "bottom", "right"]] = ["top", "left", "bottom", "right"]
        for side in sides:
            if self.style.chains and (side in ("top", "left") or rng.random() < 0.5):
                self._chains(side, stops, rng)
        if self.style.eaves:
            self._eaves(rng)
        for _ in range(self.style.sections):
            self._section(rng)
        if self.style.title == "caption":
            left, _, right, bottom = self.placed.box
            capital = self.style.capital_px * rng.uniform(0.9, 1.4)
            at = (
                rng.choice((left + capital * 5, (left + right) / 2, right - capital * 5)),
                bottom + chains_px(self.style) + capital * 1.6,
            )
            self.text(at, rng.choice(FLOOR_NAMES[self.style.language]), capital)

    def _eaves(self, rng: random.Random) -> None:
        left, top, right, bottom = self.placed.box
        out = rng.uniform(0.3, 0.9) * self.placed.metre
        corners = (
            (left - out, top - out),
            (right + out, top - out),
            (right + out, bottom + out),
            (left - out, bottom + out),
        )
        self.line([*corners, corners[0]], 0.7, dash=(6.0, 3.0))

    def _section(self, rng: random.Random) -> None:
        """A dash-dot section line across the floor, or only its ends, with the arrows and letters of the view."""
        left, top, right, bottom = self.placed.box
        upright = rng.random() < 0.5
        share = rng.uniform(0.15, 0.85)
        at = left + (right - left) * share if upright else top + (bottom - top) * share
        low, high = (top - 8, bottom + 8) if upright else (left - 8, right + 8)

        def point(along: float, across: float) -> Point:
            return (across, along) if upright else (along, across)

        if rng.random() < 0.5:
            self.line([point(low, at), point(high, at)], 0.6, dash=(9.0, 3.0))
        letter = rng.choice("ABC")
        for end, inward in ((low, 1), (high, -1)):
            self.line([point(end, at), point(end + inward * 6, at)], 1.5)
            self.surface.fill([point(end - 3, at), point(end + 3, at), point(end, at + 6)], self.style.ink)
            self.text(point(end, at - 6), letter, 5.0)

    def _stops(self) -> tuple[list[float], list[float]]:
        """Where room walls meet the sides, and the ends of the floor, in pixels of the sheet."""
        indoor = [room.box for room in self.placed.layout.rooms if room.kind is not Kind.OUTDOOR]
        xs = {0, self.placed.layout.width, *(edge for box in indoor for edge in (box[0], box[2]))}
        ys = {0, self.placed.layout.height, *(edge for box in indoor for edge in (box[1], box[3]))}
        return (
            _apart([self.placed.point(x, 0)[0] for x in sorted(xs)]),
            _apart([self.placed.point(0, y)[1] for y in sorted(ys)]),
        )

    def _axes(self, stops: tuple[list[float], list[float]]) -> None:
        """Numbered dash-dot lines through the walls."""
        left, top, right, bottom = self.placed.box
        reach = chains_px(self.style) - AXIS_PX / 2
        for number, x in enumerate(stops[0][::2], start=1):
            self.line([(x, top - reach), (x, bottom + reach)], 0.5, dash=(7.0, 3.0))
            self.surface.circle((x, top - reach), 6.0, self.style.pen, self.style.ink, self.style.paper)
            self.text((x, top - reach), str(number), 4.0)
        for number, y in enumerate(stops[1][::2]):
            self.line([(left - reach, y), (right + reach, y)], 0.5, dash=(7.0, 3.0))
            self.surface.circle((left - reach, y), 6.0, self.style.pen, self.style.ink, self.style.paper)
            self.text((left - reach, y), chr(ord("A") + number % 26), 4.0)

    def _chains(
        self,
        side: Literal["top", "left", "bottom", "right"],
        stops: tuple[list[float], list[float]],
        rng: random.Random,
    ) -> None:
        left, top, right, bottom = self.placed.box
        upright = side in ("left", "right")
        values = stops[1 if upright else 0]
        for number in range(self.style.chains):
            away = 6.0 + number * CHAIN_PX + CHAIN_PX / 2
            at = {"top": top - away, "left": left - away, "bottom": bottom + away, "right": right + away}[side]
            # The outermost chain has the total length, the inner ones smaller and smaller parts.
            if number == self.style.chains - 1:
                parts = [values[0], values[-1]]
            else:
                parts = [value for value in values if rng.random() < 0.85 or value == values[0]]
            self.chain(parts, at, upright=upright)

    def chain(self, stops: Sequence[float], at: float, *, upright: bool) -> None:
        """A dimension chain between `stops`, in pixels of the sheet, at a position on the other axis."""

        def point(along: float, across: float) -> Point:
            return (across, along) if upright else (along, across)

        self.line([point(stops[0] - 4, at), point(stops[-1] + 4, at)], 0.6)
        for stop in stops:
            self.line([point(stop, at - 3.5), point(stop, at + 3.5)], 0.6)
            if self.style.tick == "slash":
                self.line([point(stop - 2, at + 2), point(stop + 2, at - 2)])
            elif self.style.tick == "dot":
                self.surface.circle(point(stop, at), 1.2, self.style.pen, self.style.ink, self.style.ink)
            else:
                self.line([point(stop - 3, at - 1.5), point(stop, at), point(stop - 3, at + 1.5)], 0.6)
        for start, end in pairwise(stops):
            text = _length_text((end - start) / self.placed.metre, self.style.unit)
            capital = min(4.5, self.style.capital_px, (end - start) * 1.1 / len(text))
            if capital > 2.0:
                self.text(point((start + end) / 2, at - 4.0), text, capital, angle=90 if upright else 0)


def chains_px(style: DrawingStyle) -> float:
    """The space that dimensions and axes take on each side of a floor, in pixels."""
    return style.chains * CHAIN_PX + (AXIS_PX if style.axes else 0.0) + (6.0 if style.chains else 0.0)


def _apart(values: Sequence[float]) -> list[float]:
    kept = [values[0]]
    kept.extend(value for value, after in pairwise(values[1:]) if value - kept[-1] > LEAST_GAP_PX and after > value)
    return [*(value for value in kept if values[-1] - value > LEAST_GAP_PX or value == values[0]), values[-1]]


def _length_text(metres: float, unit: str) -> str:
    if unit == "feet":
        inches = round(metres / 0.0254)
        return f"{inches // 12}'-{inches % 12}\""
    return {"mm": f"{metres * 1000:.0f}", "cm": f"{metres * 100:.0f}", "m": f"{metres:.2f}"}[unit]
