"""Plans are refused before anything is trained on them, and prepared as the endpoint sees them."""

import io
import random
import shutil
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from images.training import channels
from images.training.errors import InputError
from tests.images.training.floor_plans import draw, write_channels
from tests.images.training.labelled_plans import add_plan
from tests.pictures.pdf_files import page, pdf


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_channels(tmp_path / "data", training=2, validation=1)


def refusal(data: Path) -> str:
    with pytest.raises(InputError) as error:
        channels.check(data / "training", data / "validation")
    line = str(error.value)
    assert "\n" not in line
    return line


def test_sound_channels_are_accepted(data: Path):
    channels.check(data / "training", data / "validation")


def test_a_missing_channel_is_refused(data: Path):
    shutil.rmtree(data / "validation")
    assert f"{data / 'validation'}: is not a folder" in refusal(data)


def test_an_empty_channel_is_refused(data: Path):
    shutil.rmtree(data / "training")
    (data / "training" / "images").mkdir(parents=True)
    assert f"{data / 'training'}: has no images" in refusal(data)


def test_labels_without_an_image_are_refused(data: Path):
    (data / "training" / "images" / "training_0.png").unlink()
    assert f"{data / 'training' / 'labels' / 'training_0.txt'}: has no image with its name" in refusal(data)


def test_an_image_without_labels_is_refused(data: Path):
    labels = data / "training" / "labels" / "training_0.txt"
    labels.unlink()
    assert f"{labels}: is missing" in refusal(data)


def test_a_class_other_than_room_is_refused(data: Path):
    labels = data / "training" / "labels" / "training_0.txt"
    labels.write_text("1 0.5 0.5 0.2 0.2\n")
    assert f"{labels}: line 1: class 1: the only class is 0 (room)" in refusal(data)


def test_a_corrupt_image_is_refused(data: Path):
    image = data / "validation" / "images" / "validation_0.png"
    image.write_bytes(image.read_bytes()[:200])
    assert f"{image}: " in refusal(data)


def test_a_single_training_plan_is_refused(tmp_path: Path):
    data = write_channels(tmp_path, training=1, validation=1)
    assert refusal(data) == f"{data / 'training'}: has 1 plan: training needs at least 2"


def test_a_plan_in_both_channels_is_refused(data: Path):
    for part in ("images/training_0.png", "labels/training_0.txt"):
        shutil.copy(data / "training" / part, data / "validation" / part)
    assert "in another split" in refusal(data)


def test_many_problems_are_counted_and_the_first_ones_named(data: Path, capsys: pytest.CaptureFixture[str]):
    for number in range(5):
        (data / "training" / "labels" / f"stray_{number}.txt").write_text("")
    line = refusal(data)
    assert line.startswith("the plans have 5 problems: ")
    assert line.endswith("; and 2 more, which are in the log")
    assert "stray_4.txt" in capsys.readouterr().err


def test_a_prepared_plan_is_upright_on_white_paper_and_no_larger_than_needed(data: Path, tmp_path: Path):
    image, rooms = draw(random.Random(1))
    drawn = image.resize((1200, 600)).convert("L")
    lines_on_nothing = Image.new("RGBA", drawn.size)
    lines_on_nothing.putalpha(ImageOps.invert(drawn))
    path = add_plan(data / "training", "transparent", image=lines_on_nothing, rooms=rooms)
    prepared = channels.prepare({"training": data / "training"}, tmp_path / "work", 320, threads=1)["training"]
    with Image.open(prepared / "images" / "transparent.png") as plan:
        assert (plan.mode, plan.size) == ("RGB", (320, 160))
        # Scaled down by another filter than the endpoint's: a line's edge may be lighter, a wall not paper.
        assert ImageStat.Stat(ImageChops.difference(plan.convert("L"), drawn.resize(plan.size))).extrema[0][1] < 64
    labels = data / "training" / "labels" / f"{path.stem}.txt"
    assert (prepared / "labels" / "transparent.txt").read_bytes() == labels.read_bytes()


def test_a_page_of_a_pdf_and_a_photo_in_heic_are_plans_as_they_are_for_the_endpoint(data: Path, tmp_path: Path):
    for name, content in (("sheet.pdf", pdf(page())), ("photo.heic", _heic(draw(random.Random(1))[0]))):
        path = add_plan(data / "training", Path(name).stem)
        path.unlink()
        path.with_name(name).write_bytes(content)
    prepared = channels.prepare({"training": data / "training"}, tmp_path / "work", 320, threads=1)["training"]
    assert {path.stem for path in (prepared / "images").iterdir()} >= {"sheet", "photo"}


def _heic(image: Image.Image) -> bytes:
    pillow_heif.register_heif_opener()
    file = io.BytesIO()
    image.save(file, format="HEIF")
    return file.getvalue()


def test_the_users_folder_is_left_as_it_was(data: Path, tmp_path: Path):
    before = sorted(data.rglob("*"))
    channels.prepare({"training": data / "training"}, tmp_path / "work", 320, threads=1)
    assert sorted(data.rglob("*")) == before


def test_a_plan_that_the_endpoint_would_refuse_is_refused(data: Path, tmp_path: Path):
    path = add_plan(data / "training", "huge", image=Image.new("1", (12_001, 10)))
    with pytest.raises(InputError, match=f"^{path}: The image is 12001 x 10 px"):
        channels.prepare({"training": data / "training"}, tmp_path / "work", 320, threads=1)


def test_the_fingerprint_changes_with_a_label_and_with_nothing_else(data: Path):
    before = channels.fingerprint(data / "training")
    assert channels.fingerprint(data / "training") == before
    with (data / "training" / "labels" / "training_0.txt").open("a") as labels:
        labels.write("0 0.5 0.5 0.1 0.1\n")
    assert channels.fingerprint(data / "training") != before
