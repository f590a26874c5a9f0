"""Waiting for a state, as long as a busy machine needs."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120.0  # of a test that fails; nothing here takes a tenth of it on an idle machine
_LOOK_SECONDS = 0.02


def wait_until(state: Callable[[], bool]) -> None:
    """Returns once `state` says yes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not state():
        assert time.monotonic() < deadline, "what the test waits for did not come"
        time.sleep(_LOOK_SECONDS)
