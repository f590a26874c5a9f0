"""Simulates a detector that is paid by use: a Lambda function or a serverless endpoint over time.

One copy of the container serves one request at a time. A request takes the copy that became idle last, or starts a
new one while there are fewer than allowed, and is refused otherwise. Events are processed from a heap.

In a window with many plans, only one minute in n is simulated, as if these minutes followed each other, with the real
rates and limit. This misses the copies that end while the curve falls slowly, which cost nothing.
"""

import heapq
import math
from dataclasses import dataclass

import numpy as np

from operations.capacity.endpoint import working_times
from operations.capacity.outcome import Summary, requests
from operations.capacity.traffic import MINUTE_SECONDS

PLANS_SIMULATED_AT_MOST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class CopyLimits:
    """Parameters of the simulated copies, similar to `EndpointLimits`.

    Attributes:
        most_copies: maximum concurrent requests.
        initial_copies: idle copies at the start.
        idle_seconds: how long an idle copy is kept.
        cold_start_seconds: how long the first request of a new copy waits, which is billed.
    """

    service_seconds: float
    variation: float
    fixed_seconds: float
    timeout_seconds: float
    most_copies: int
    initial_copies: int
    idle_seconds: float
    cold_start_seconds: float


def copies_in_use(plans_per_second: float, seconds: float, deviations: float) -> int:
    """Copies in use at once at this rate: the mean plus some standard deviations of a Poisson distribution."""
    mean = plans_per_second * seconds
    return math.ceil(mean + deviations * math.sqrt(mean))


def simulate_copies(
    arrivals: np.ndarray, sent: np.ndarray, *, seconds: float, limits: CopyLimits, random: np.random.Generator
) -> Summary:
    """The copies under a window's traffic, `arrivals` and `sent` as `simulate_endpoint` has them."""
    every = max(1, math.ceil(len(arrivals) / PLANS_SIMULATED_AT_MOST))
    if every > 1:
        minutes = np.where(np.isnan(sent), arrivals, sent) // MINUTE_SECONDS
        arrivals, sent = arrivals[minutes % every == 0], sent[minutes % every == 0]
    passed = sent[~np.isnan(sent)]
    work = working_times(limits.service_seconds, limits.variation, len(passed), random)
    minutes = passed // MINUTE_SECONDS
    # The simulated minutes, one after the other.
    took, cold, busy = _serve(passed - (minutes - minutes // every) * MINUTE_SECONDS, work, limits)
    return requests(arrivals, sent, took + limits.fixed_seconds, limits.timeout_seconds).summary(
        instances=_most_by_minute(minutes.astype(int), busy, int(seconds // MINUTE_SECONDS), every),
        compute_seconds=float(np.nansum(took)),
        cold_starts=int(cold.sum()),
        counts_as=every,
    )


def _serve(sent: np.ndarray, work: np.ndarray, limits: CopyLimits) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds that each request takes, NaN if refused; whether it started a copy; the copies in use with it."""
    ends: list[float] = []
    idle_since = [0.0] * limits.initial_copies
    took, cold, busy = np.full(len(sent), np.nan), np.zeros(len(sent), dtype=bool), np.zeros(len(sent), dtype=int)
    for number, (now, seconds) in enumerate(zip(sent.tolist(), work.tolist(), strict=True)):
        while ends and ends[0] <= now:
            idle_since.append(heapq.heappop(ends))
        if idle_since and now - idle_since[-1] <= limits.idle_seconds:
            idle_since.pop()
        else:
            idle_since.clear()  # the one that became idle last is gone, so all are
            if len(ends) >= limits.most_copies:
                busy[number] = limits.most_copies
                continue
            cold[number] = True
            seconds += limits.cold_start_seconds  # noqa: PLW2901 - of this request
        heapq.heappush(ends, now + seconds)
        took[number], busy[number] = seconds, len(ends)
    return took, cold, busy


def _most_by_minute(minutes: np.ndarray, busy: np.ndarray, count: int, every: int) -> np.ndarray:
    """The most copies of each minute; a minute that was not simulated has those of the last simulated one."""
    most = np.zeros(count, dtype=int)
    inside = minutes < count
    np.maximum.at(most, minutes[inside], busy[inside])
    return np.repeat(most[::every], every)[:count]
