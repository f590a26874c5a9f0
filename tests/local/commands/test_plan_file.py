"""What the demo sends of a file that one request does not carry."""

import io
from pathlib import Path

import pytest
from PIL import Image

from images.inference.decoding import open_image
from local.commands.plan_file import LARGEST_PLAN_BYTES, PlanFileError, read_plan
from tests.pictures.pdf_files import page, pdf, stream

pytestmark = pytest.mark.whole

NOISE_SIZE = (3000, 2200)


def saved(path: Path, image_format: str) -> Path:
    """A blank page and one of noise, which no compression makes small."""
    options = {"quality": 100} if image_format == "PDF" else {}
    noise = Image.effect_noise(NOISE_SIZE, 200)
    Image.new("L", (600, 400), 255).save(path, image_format, save_all=True, append_images=[noise], **options)
    assert path.stat().st_size > LARGEST_PLAN_BYTES
    return path


@pytest.mark.parametrize("suffix", ["pdf", "tiff"])
def test_only_the_requested_page_is_sent_if_the_file_is_too_large(tmp_path: Path, suffix: str) -> None:
    plan = read_plan(saved(tmp_path / f"scan.{suffix}", suffix.upper()), page=2)
    assert len(plan.content) <= LARGEST_PLAN_BYTES
    assert plan.page == 1
    assert plan.name == "scan.page-2"
    assert "is more than the API takes: sent as" in plan.scaled
    assert plan.picture.convert("L").getextrema() != (255, 255)
    sent = open_image(plan.content)
    assert sent.width / sent.height == pytest.approx(NOISE_SIZE[0] / NOISE_SIZE[1], rel=0.01)


def test_a_missing_page_of_a_large_file_is_reported_too(tmp_path: Path) -> None:
    path = saved(tmp_path / "scan.pdf", "PDF")
    with pytest.raises(PlanFileError, match="There is no page 3: the blueprint has 2 pages"):
        read_plan(path, page=3)


def test_a_pdf_that_fits_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(page(), page()))
    plan = read_plan(path, page=2)
    assert (plan.content, plan.page, plan.scaled) == (path.read_bytes(), 2, "")


def test_a_large_pdf_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdf(page(), objects=[stream(bytes(5_000_000))], password="secret"))
    with pytest.raises(PlanFileError, match="protected with a password"):
        read_plan(path)


def test_a_picture_that_would_take_too_much_memory_is_sent_smaller(tmp_path: Path) -> None:
    path = tmp_path / "colours.png"
    buffer = io.BytesIO()
    Image.new("RGB", (12_000, 9_000), "navy").save(buffer, "PNG", compress_level=1)
    path.write_bytes(buffer.getvalue())
    plan = read_plan(path)
    assert (open_image(plan.content).width, plan.picture.size) == (5000, (5000, 3750))
