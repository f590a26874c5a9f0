"""What a benchmark reports."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured quantity: its values in `unit`, one a repetition, and the target for their median, if any."""

    name: str
    unit: str
    values: Sequence[float]
    at_most: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def reached(self) -> bool | None:
        return None if self.at_most is None else self.median <= self.at_most
