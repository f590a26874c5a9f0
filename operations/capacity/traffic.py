"""Traffic: volumes of plans, and their distribution over a day, with a burst or in a launch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

HOURS_PER_MONTH = 730
DAYS_PER_MONTH = HOURS_PER_MONTH / 24
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600
SECONDS_PER_DAY = 24 * 3600
MINUTE_SECONDS = 60

# The volumes for simulation and tables, in plans per month.
VOLUMES = {
    "10 thousand a month": 10_000,
    "100 thousand a month": 100_000,
    "1 million a month": 1_000_000,
    "10 million a month": 10_000_000,
    "1 million a day": 1_000_000 * DAYS_PER_MONTH,
    "10 million a day": 10_000_000 * DAYS_PER_MONTH,
}

# Share of a working day's plans in each hour: an assumption, for offices in one time zone.
HOURLY_PLANS = np.array(
    [2, 1, 1, 1, 1, 2, 4, 10, 22, 34, 36, 32, 26, 34, 38, 36, 30, 20, 10, 7, 6, 5, 4, 3], dtype=float
)
OFFICE_PLANS = 500
BURST_AT_SECONDS = 600.0
LAUNCH_FACTOR = 10.0
LAUNCH_AT_MINUTE = 30
LAUNCH_RISE_MINUTES = 10
LAUNCH_HALVES_IN_MINUTES = 30


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Plans over time.

    Attributes:
        rates: average plans/s, one value per minute, shape (minutes,).
        bursts: additional plans that come at once, as (second, plans).
    """

    name: str
    rates: np.ndarray
    bursts: Sequence[tuple[float, int]] = ()

    @property
    def seconds(self) -> float:
        return float(len(self.rates) * MINUTE_SECONDS)

    def arrivals(self, random: np.random.Generator) -> np.ndarray:
        """Arrival times in seconds, ascending: a Poisson process with the rates of the minutes, and the bursts."""
        counts = random.poisson(self.rates * MINUTE_SECONDS)
        starts = np.repeat(np.arange(len(counts)) * float(MINUTE_SECONDS), counts)
        times = starts + random.random(len(starts)) * MINUTE_SECONDS
        at_once = [np.full(plans, second) for second, plans in self.bursts]
        return np.sort(np.concatenate([times, *at_once]))


def mean_rate(plans_per_month: float) -> float:
    """Plans/s on average."""
    return plans_per_month / SECONDS_PER_MONTH


def day_rates(plans_per_month: float) -> np.ndarray:
    """Plans/s of each minute of a day, shape (1440,), interpolated linearly between full hours."""
    hours = np.arange(24 * 60) / 60
    shape = np.interp(hours, np.arange(25), np.append(HOURLY_PLANS, HOURLY_PLANS[0]))
    return shape / shape.mean() * mean_rate(plans_per_month)


def steady(plans_per_month: float) -> Traffic:
    """An hour at the average rate."""
    return Traffic(name="steady", rates=np.full(60, mean_rate(plans_per_month)))


def daily(plans_per_month: float) -> Traffic:
    """A working day of offices."""
    return Traffic(name="daily", rates=day_rates(plans_per_month))


def burst(plans_per_month: float) -> Traffic:
    """An hour at the average rate, in which one office sends its archive at once."""
    rates = np.full(60, mean_rate(plans_per_month))
    return Traffic(name="burst", rates=rates, bursts=((BURST_AT_SECONDS, OFFICE_PLANS),))


def launch(plans_per_month: float) -> Traffic:
    """Four hours in which the average rate grows tenfold within minutes and then declines."""
    minutes = np.arange(240)
    rise = np.clip((minutes - LAUNCH_AT_MINUTE) / LAUNCH_RISE_MINUTES, 0, 1)
    since_peak = np.maximum(0, minutes - LAUNCH_AT_MINUTE - LAUNCH_RISE_MINUTES)
    extra = (LAUNCH_FACTOR - 1) * rise * 0.5 ** (since_peak / LAUNCH_HALVES_IN_MINUTES)
    return Traffic(name="launch", rates=mean_rate(plans_per_month) * (1 + extra))


SHAPES = {"steady": steady, "daily": daily, "burst": burst, "launch": launch}
