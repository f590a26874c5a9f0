"""How long each step of a request may take, so that the function answers before API Gateway gives up.

API Gateway ends an integration after 29 s. The time before the handler runs (a cold start's imports, the gateway
itself) may be 2 s, so the handler answers within 27 s of its start. Every call to AWS has a hard limit on its total
time, including name lookup, connection, retries and body (`stores.aws.within`):

    upload    open 3 + decode 8 + S3 put 10 + record 3                                         = 24 s
    process   record 3 + S3 get 4 + open 3 + decode 8 + detector D + complete 3 + mark failed 3 = 24 s + D
    status    record 3                                                                         =  3 s

Opening and decoding are limited by `pictures.limits`; 25 million pixels, or a sheet of 48 x 36 inches as PDF, take
about 4 s on the 0.3 virtual CPU of 512 MB. D is not fixed. The detector gets DETECTOR_TIMEOUT_SECONDS (20 s), or less
if the steps before it were slow: the rest of the 27 s minus two writes of 3 s. In the worst case that is
27 - 6 - 18 = 3 s; normally the steps before it take well under a second, and it gets its 20 s.
"""

import time

GATEWAY_TIMEOUT_SECONDS = 29
BEFORE_HANDLER_SECONDS = 2
ANSWER_WITHIN_SECONDS = GATEWAY_TIMEOUT_SECONDS - BEFORE_HANDLER_SECONDS

RECORD_SECONDS = 3
IMAGE_PUT_SECONDS = 10
IMAGE_GET_SECONDS = 4


class TimeBudget:
    """The time of one invocation, counted from the creation of this object."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the invocation began."""
        return time.monotonic() - self._started

    def detector_seconds(self, limit_seconds: float) -> float:
        """Seconds that the detector may take: `limit_seconds`, or what two final writes leave; never below 0."""
        left = ANSWER_WITHIN_SECONDS - 2 * RECORD_SECONDS - self.elapsed_seconds
        return max(0.0, min(limit_seconds, left))
