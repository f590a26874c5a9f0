"""A request gets a place only where it will be answered in time, and gives it back however it ends."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from images.inference import contract
from images.inference.admission import Admission
from images.inference.errors import UnavailableError

SECONDS = 1.0


@pytest.fixture
def inside() -> Iterator[ExitStack]:
    """Holds the places of the requests that are in."""
    with ExitStack() as places:
        yield places


def admission_with(inside: ExitStack, requests: int, *, body_bytes: int = 1) -> Admission:
    """One that so many requests are in, of SECONDS each."""
    admission = Admission(SECONDS)
    for _ in range(requests):
        inside.enter_context(admission.place(body_bytes))
    return admission


def test_a_request_that_would_wait_too_long_is_refused(inside: ExitStack) -> None:
    fits = int(contract.MAX_WAIT_SECONDS / SECONDS)
    admission = admission_with(inside, fits)
    with admission.place(1), pytest.raises(UnavailableError, match=f"{fits + 1} requests are waiting, 16 s of work"):
        admission.place(1).__enter__()


def test_a_slower_machine_accepts_fewer_requests(inside: ExitStack) -> None:
    admission = admission_with(inside, 10)
    for _ in range(100):
        admission.worked(2 * SECONDS)
    with pytest.raises(UnavailableError, match="10 requests are waiting, 20 s of work"):
        admission.place(1).__enter__()


def test_bodies_that_do_not_fit_in_memory_are_refused(inside: ExitStack) -> None:
    admission = admission_with(inside, 1, body_bytes=contract.MAX_BODIES_BYTES - 10)
    with (
        admission.place(10),
        pytest.raises(UnavailableError, match=f"2 requests hold {contract.MAX_BODIES_BYTES} bytes"),
    ):
        admission.place(1).__enter__()


def test_the_only_request_is_never_refused_for_its_size() -> None:
    with Admission(SECONDS).place(2 * contract.MAX_BODIES_BYTES):
        pass


def test_a_place_is_free_again_when_its_request_ends_or_fails(inside: ExitStack) -> None:
    admission = admission_with(inside, 0)
    for _ in range(100):
        with admission.place(contract.MAX_BODIES_BYTES):
            pass
        with pytest.raises(KeyError), admission.place(contract.MAX_BODIES_BYTES):
            raise KeyError
    with admission.place(1), admission.place(1):
        pass
