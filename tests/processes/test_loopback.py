"""A port belongs to one listener from the first moment."""

import pytest

from processes.loopback import listening_socket


def test_a_taken_port_is_refused_before_anything_is_served():
    with listening_socket() as first, pytest.raises(OSError, match="Address already in use"):
        listening_socket(first.getsockname()[1])
