"""Throttles and quotas count as API Gateway's do; time is the test's own."""

from datetime import UTC, datetime

import pytest

from local.gateway.limits import Quota, TokenBucket


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    now = [0.0]
    bucket = TokenBucket(2, 3, clock=lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 100
    assert [bucket.take() for _ in range(4)] == [True, True, True, False], "never more than the burst"


@pytest.mark.parametrize(
    ("period", "same", "following"),
    [
        ("DAY", datetime(2026, 3, 2, 23, 59, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)),
        ("WEEK", datetime(2026, 3, 8, 23, 59, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)),
        ("MONTH", datetime(2026, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
    ],
)
def test_a_quota_is_full_again_in_the_next_period(period: str, same: datetime, following: datetime) -> None:
    now = [datetime(2026, 3, 2, tzinfo=UTC)]
    quota = Quota(2, period, now=lambda: now[0])
    assert quota.take()
    now[0] = same
    assert [quota.take() for _ in range(2)] == [True, False]
    now[0] = following
    assert quota.take()


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(ValueError, match="quota period 'YEAR': must be one of DAY, WEEK, MONTH"):
        Quota(1, "YEAR")
