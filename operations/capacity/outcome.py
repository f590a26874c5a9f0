"""The outcome of the requests of a simulation."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from operations.capacity.traffic import MINUTE_SECONDS

# Minutes of a window, in JSON.
TIMELINE_POINTS = 48


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Summary of a window; latencies in seconds, None without answers; shares from 0 to 1.

    Attributes:
        latencies: p50, p95, p99 of the answered plans, from the first attempt on, waits after 429s included.
        throttled_share: the client gave up after 429s of the API.
        refused_share: the detector had no place for it: 503.
        late_share: the answer was not there when the function stopped waiting: 504.
        answered: plans with rooms.
        instances: running instances, or copies of a function in use at once, one value a minute.
        p95_by_minute, errors_by_minute: of the plans first sent in each minute.
        instance_hours: of instances that are paid, starting ones included; 0 where a copy is paid by its use.
        compute_seconds: of copies that are paid by their use.
        cold_start_share: plans that started a copy.
    """

    plans: int
    latencies: tuple[float | None, float | None, float | None]
    throttled_share: float
    refused_share: float
    late_share: float
    answered: int
    instances: np.ndarray
    p95_by_minute: list[float | None]
    errors_by_minute: np.ndarray
    instance_hours: float
    compute_seconds: float
    cold_start_share: float

    def as_json(self) -> dict[str, Any]:
        """The figures, latencies in ms; the minutes in at most TIMELINE_POINTS parts, of each the worst."""
        width = -(-len(self.instances) // TIMELINE_POINTS)
        p95 = [max((_ms(one) or 0 for one in part), default=0) for part in _parts(self.p95_by_minute, width)]
        return {
            "plans": self.plans,
            "latency_ms": dict(zip(("p50", "p95", "p99"), map(_ms, self.latencies), strict=True)),
            "throttled_share": round(self.throttled_share, 5),
            "refused_share": round(self.refused_share, 5),
            "late_share": round(self.late_share, 5),
            "instance_hours": round(self.instance_hours, 2),
            "compute_seconds": round(self.compute_seconds, 1),
            "cold_start_share": round(self.cold_start_share, 5),
            "timeline": {
                "minutes_a_point": width,
                "most_instances": [int(max(part)) for part in _parts(self.instances, width)],
                "highest_p95_ms": p95,
                "errors": [int(sum(part)) for part in _parts(self.errors_by_minute, width)],
            },
        }


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What became of each plan, all arrays of shape (plans,); `arrivals` rise, `latencies` are NaN without answer."""

    arrivals: np.ndarray
    latencies: np.ndarray
    throttled: np.ndarray
    refused: np.ndarray
    late: np.ndarray

    def summary(
        self,
        *,
        instances: np.ndarray,
        instance_hours: float = 0.0,
        compute_seconds: float = 0.0,
        cold_starts: int = 0,
        counts_as: int = 1,
    ) -> Summary:
        """The figures of a window of `len(instances)` minutes, where each plan stands for `counts_as`."""
        answered = self.latencies[~np.isnan(self.latencies)]
        p50, p95, p99 = np.percentile(answered, [50, 95, 99]).tolist() if len(answered) else (None, None, None)
        plans = max(1, len(self.arrivals))
        return Summary(
            plans=len(self.arrivals) * counts_as,
            latencies=(p50, p95, p99),
            throttled_share=int(self.throttled.sum()) / plans,
            refused_share=int(self.refused.sum()) / plans,
            late_share=int(self.late.sum()) / plans,
            answered=len(answered) * counts_as,
            instances=instances,
            p95_by_minute=self._p95_by_minute(len(instances)),
            errors_by_minute=self._errors_by_minute(len(instances)) * counts_as,
            instance_hours=instance_hours,
            compute_seconds=compute_seconds * counts_as,
            cold_start_share=cold_starts / plans,
        )

    def _errors_by_minute(self, minutes: int) -> np.ndarray:
        failed = self.arrivals[self.throttled | self.refused | self.late]
        return np.bincount((failed // MINUTE_SECONDS).astype(int), minlength=minutes)[:minutes]

    def _p95_by_minute(self, minutes: int) -> list[float | None]:
        edges = np.searchsorted(self.arrivals, np.arange(minutes + 1) * MINUTE_SECONDS)
        parts = (self.latencies[first:last] for first, last in itertools.pairwise(edges))
        answered = (part[~np.isnan(part)] for part in parts)
        return [float(np.percentile(part, 95)) if len(part) else None for part in answered]


def requests(arrivals: np.ndarray, sent: np.ndarray, took: np.ndarray, timeout_seconds: float) -> Requests:
    """What became of plans of which those with a time in `sent` passed the API.

    `took`: the detector's seconds for each of these, NaN where it refused; the function waits for `timeout_seconds`.
    """
    throttled = np.isnan(sent)
    of_the_detector = np.full(len(arrivals), np.nan)
    of_the_detector[~throttled] = took
    late = of_the_detector > timeout_seconds
    return Requests(
        arrivals=arrivals,
        latencies=np.where(late, np.nan, sent - arrivals + of_the_detector),
        throttled=throttled,
        refused=np.isnan(of_the_detector) & ~throttled,
        late=late,
    )


def _parts(values: Sequence[Any] | np.ndarray, width: int) -> Iterator[Any]:
    return (values[start : start + width] for start in range(0, len(values), width))


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)
