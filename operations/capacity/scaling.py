"""Autoscaling of an endpoint: the target-tracking policy of components/detector/, and the alarm on latency.

AWS implements a target-tracking policy with two alarms. For SageMaker's invocations per instance, users observe that
they need three minutes above the target, or fifteen below nine tenths of it
(https://repost.aws/questions/QUf450Wsd9RROGGOIwaolN9w/sagemaker-autoscaling-delay); AWS does not guarantee these
numbers. AWS does not publish how far an alarm scales: here, it scales out to what the last minute needs, and in to what
the busiest of the fifteen minutes needs.
"""

import math
from collections import deque
from dataclasses import dataclass, field

OUT_MINUTES = 3
IN_MINUTES = 15
IN_SHARE_OF_TARGET = 0.9
LATENCY_MINUTES = 3


@dataclass(frozen=True, kw_only=True)
class Datapoint:
    """CloudWatch's data of one minute; `p95_seconds` is None without answers."""

    invocations: int
    instances: int
    p95_seconds: float | None

    @property
    def per_instance(self) -> float:
        return self.invocations / self.instances


@dataclass(kw_only=True)
class TargetTracking:
    """Keeps the invocations per minute and instance near `target`."""

    target: float
    out_cooldown_seconds: float
    in_cooldown_seconds: float
    _seen: deque[Datapoint] = field(default_factory=lambda: deque(maxlen=IN_MINUTES))
    _last_out: float = -math.inf
    _last_in: float = -math.inf

    def wanted(self, now: float, datapoint: Datapoint, instances: int) -> int:
        """The instances wanted after another minute, where there are `instances` now."""
        self._seen.append(datapoint)
        recent = list(self._seen)[-OUT_MINUTES:]
        if len(recent) == OUT_MINUTES and all(one.per_instance > self.target for one in recent):
            if now - self._last_out >= self.out_cooldown_seconds:
                return max(instances, math.ceil(datapoint.invocations / self.target))
            return instances
        idle = all(one.per_instance < IN_SHARE_OF_TARGET * self.target for one in self._seen)
        if idle and len(self._seen) == IN_MINUTES and now - self._last_in >= self.in_cooldown_seconds:
            return min(instances, math.ceil(max(one.invocations for one in self._seen) / self.target))
        return instances

    def scaled(self, now: float, change: int) -> None:
        """Records that instances were added or removed: the cooldown starts."""
        if change > 0:
            self._last_out = now
        else:
            self._last_in = now


@dataclass(kw_only=True)
class LatencyStep:
    """Adds `step` instances if the p95 was above the limit three minutes in a row."""

    limit_seconds: float
    step: int
    cooldown_seconds: float
    _above: int = 0
    _last_out: float = -math.inf

    def wanted(self, now: float, datapoint: Datapoint, instances: int) -> int:
        """The instances wanted after another minute, where there are `instances` now."""
        p95_seconds = datapoint.p95_seconds
        self._above = self._above + 1 if p95_seconds is not None and p95_seconds > self.limit_seconds else 0
        if self._above >= LATENCY_MINUTES and now - self._last_out >= self.cooldown_seconds:
            return instances + self.step
        return instances

    def scaled(self, now: float, change: int) -> None:
        """Records that instances were added: the cooldown starts."""
        if change > 0:
            self._last_out = now
