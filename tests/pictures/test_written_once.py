"""Limits and lists that stand in several places are the same in all of them."""

import re
from pathlib import Path

import pytest

from blueprints import answer
from images.inference import contract, detection, letterbox
from pictures import limits
from pictures.formats import FORMATS, NAMES
from runtime import blueprint_image, gateway, rooms
from tests.runtime.contract import document

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "files.md").read_text()


def test_every_page_that_lists_the_accepted_files_names_every_type_and_the_largest_side() -> None:
    upload = document()["paths"]["/upload"]["post"]["description"]
    for text in (upload, PAGE, (ROOT / "README.md").read_text()):
        for format_ in FORMATS:
            assert format_.name in text
        assert f"{limits.MAX_SIDE_PX} px" in text.replace("\n", " ")


@pytest.mark.parametrize("page", ["README.md", "docs/bulk.md", "docs/files.md", "docs/local.md"])
def test_a_page_that_states_the_largest_side_states_the_right_one(page: str) -> None:
    told = re.findall(r"(\d+) px a side", (ROOT / page).read_text().replace("\n", " "))
    assert set(told) <= {str(limits.MAX_SIDE_PX)}


@pytest.mark.parametrize("page", ["docs/bulk.md", "runtime/openapi.yaml"])
def test_a_page_that_quotes_the_refusal_of_another_type_names_every_type(page: str) -> None:
    assert f"image is not a {NAMES} file: send one of these." in (ROOT / page).read_text()


def test_the_page_on_files_has_the_limits_of_the_code() -> None:
    assert f"| {limits.DECODE_MEMORY_BYTES // 1_000_000} MB; computed" in PAGE
    assert f"| time to decode | {limits.DECODE_SECONDS:g} s," in PAGE
    assert f"| time to open a PDF, HEIC or AVIF | {limits.OPEN_SECONDS:g} s," in PAGE
    assert f"with {limits.LEAST_READING_SIDE_PX} to {limits.MOST_READING_SIDE_PX} px on the longest side" in PAGE
    assert f"at {limits.READING_DPI} dpi" in PAGE
    assert f"| {limits.MOST_PARTS:,} |" in PAGE
    assert f"| scans of a JPEG | {limits.MOST_JPEG_SCANS} |" in PAGE
    assert f"up to {limits.QUICK_PX // 1_000_000} million pixels" in PAGE


def test_the_function_and_the_detector_have_the_same_limits() -> None:
    assert blueprint_image.DETECTOR_SIDE_PX == letterbox.LONGEST_SIDE_PX
    assert gateway.MAX_PAYLOAD_BYTES == contract.MAX_BODY_BYTES
    assert detection.MAX_DETECTIONS <= rooms.MAX_ROOMS
    assert rooms.COORDINATE_MAX == answer.FULL_SCALE
