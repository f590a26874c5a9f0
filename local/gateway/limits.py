"""Throttles and quotas, counted as API Gateway counts them."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

# The period of a time, as a value that can be compared.
_PERIODS: Mapping[str, Callable[[datetime], tuple[int, ...]]] = {
    "DAY": lambda moment: (moment.year, moment.month, moment.day),
    "WEEK": lambda moment: tuple(moment.isocalendar())[:2],
    "MONTH": lambda moment: (moment.year, moment.month),
}


class TokenBucket:
    """`rate_per_second` tokens a second, up to `burst` at once; `clock` gives seconds."""

    def __init__(self, rate_per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate_per_second
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._filled = clock()

    def take(self) -> bool:
        """Takes one token; False if there is none."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Quota:
    """`limit` requests in each `period`: DAY, WEEK or MONTH, in UTC."""

    def __init__(self, limit: int, period: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        if period not in _PERIODS:
            raise ValueError(f"quota period {period!r}: must be one of {', '.join(_PERIODS)}")
        self._limit = limit
        self._of = _PERIODS[period]
        self._now = now
        self._current: tuple[int, ...] = ()
        self._used = 0

    def take(self) -> bool:
        """Counts one request; False if the period's limit is used up."""
        current = self._of(self._now())
        if current != self._current:
            self._current, self._used = current, 0
        if self._used >= self._limit:
            return False
        self._used += 1
        return True
