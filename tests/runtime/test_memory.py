"""The largest plans that are allowed leave the function room in its 512 MB."""

from collections.abc import Callable

import pytest

from tests.runtime.conftest import ProcessReport
from tests.runtime.events import process_event, upload_event
from tests.runtime.function_process import UPLOADED_ID
from tests.runtime.pictures import base64_text, png

SIDE = 5000
PALETTE = bytes(range(48))


@pytest.mark.parametrize(
    ("bits", "color_type", "palette"),
    [(8, 2, b""), (8, 6, b""), (8, 3, PALETTE), (16, 0, b""), (16, 6, b"")],
    ids=["RGB", "RGBA", "palette", "16-bit grey", "16-bit RGBA"],
)
def test_a_5000_px_png_is_uploaded_and_processed_in_less_than_300_mb(
    run_process: Callable[..., ProcessReport], bits: int, color_type: int, palette: bytes
) -> None:
    image = base64_text(png(SIDE, SIDE, bits=bits, color_type=color_type, palette=palette))
    report = run_process([upload_event(image), process_event(UPLOADED_ID)])
    assert [answer["statusCode"] for answer in report.answers] == [200, 200]
    assert report.peak_mib * 1.048576 < 300
