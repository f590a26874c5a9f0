"""The largest plans that are allowed leave the function room in its memory."""

from collections.abc import Callable

import pytest

from components.settings.groups import FunctionSettings
from pictures import limits
from runtime.gateway import MAX_PAYLOAD_BYTES
from tests.pictures.pdf_files import blank_image, page, pdf
from tests.runtime.conftest import ProcessReport
from tests.runtime.events import process_event, upload_event
from tests.runtime.function_process import UPLOADED_ID
from tests.runtime.pictures import base64_text, png

pytestmark = pytest.mark.whole

SIDE = 5000
MIB = 2**20
SCAN = page(b"3024 0 0 2160 0 0 cm /I Do", keys=b"/MediaBox [0 0 3024 2160] /Resources << /XObject << /I 10 0 R >> >>")
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
    assert report.peak_mib * MIB < 300e6


@pytest.mark.parametrize(
    "draw",
    [lambda: pdf(SCAN, objects=[blank_image(12_000, 9_000)]), lambda: png(12_000, 12_000)],
    ids=["scanned PDF of 12000 x 9000 px", "grey PNG of 12000 x 12000 px"],
)
def test_the_largest_plans_leave_the_function_within_its_memory(
    run_process: Callable[..., ProcessReport], draw: Callable[[], bytes]
) -> None:
    """Its own memory and what the decoding process has beside it: that one starts as a copy and shares the rest."""
    report = run_process([upload_event(base64_text(draw())), process_event(UPLOADED_ID)])
    assert [answer["statusCode"] for answer in report.answers] == [200, 200]
    assert report.peak_mib < FunctionSettings().memory_mb


def test_the_functions_memory_is_enough_for_decoding_and_for_the_function_itself(
    run_process: Callable[..., ProcessReport],
) -> None:
    """A small picture in a file as large as a request can carry: its event counts, its decoding does not."""
    largest_file_bytes = MAX_PAYLOAD_BYTES * 3 // 4 - 10_000
    image = base64_text(png(64, 64).ljust(largest_file_bytes, b"\0"))
    report = run_process([upload_event(image), process_event(UPLOADED_ID)])
    assert [answer["statusCode"] for answer in report.answers] == [200, 200]
    left_bytes = FunctionSettings().memory_mb * MIB - report.peak_mib * MIB
    assert left_bytes >= limits.DECODE_MEMORY_BYTES, f"the function itself takes {report.peak_mib:.0f} MiB"
