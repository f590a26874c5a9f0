"""The results that a benchmark reports."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table

_DIGITS = {"s": 1, "x": 2}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured quantity: its values in `unit`, one per repetition, and the target for their median, if any."""

    name: str
    unit: str
    values: Sequence[float]
    at_most: float | None = None
    at_least: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def reached(self) -> bool | None:
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or self.median <= self.at_most) and (
            self.at_least is None or self.median >= self.at_least
        )

    @property
    def target(self) -> str:
        """The target's text in the table, with `missed` if the median does not reach it; empty without a target."""
        bounds = [
            f"{sign} {bound:.3g} {self.unit}"
            for sign, bound in (("<=", self.at_most), (">=", self.at_least))
            if bound is not None
        ]
        return " ".join([*(["missed"] if self.reached is False else []), *bounds])

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "values": list(self.values), "median": self.median, "reached": self.reached}


@dataclass(frozen=True, kw_only=True)
class Section:
    """The results of a section of the benchmark: its figures, tables for the reader, `details` for bench.json."""

    title: str
    figures: Sequence[Figure]
    tables: Sequence[Table] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def figure_table(title: str, figures: Sequence[Figure]) -> Table:
    """The figures as a table: median, minimum and maximum of their values, and the target."""
    table = Table(title=title)
    table.add_column("figure", no_wrap=True)
    for column in ("median", "least", "most", "target"):
        table.add_column(column, justify="right", no_wrap=True)
    for figure in figures:
        values = (figure.median, min(figure.values), max(figure.values))
        digits = _DIGITS.get(figure.unit, 0)
        table.add_row(figure.name, *(f"{value:.{digits}f} {figure.unit}" for value in values), figure.target)
    return table
