"""COCO's boxes become rooms of the images they belong to, wherever those lie."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from blueprints.datasets import coco
from blueprints.datasets.conversion import Source
from blueprints.errors import BlueprintError
from tests.blueprints.datasets.labelled import picture

SIZE = (200, 100)
ROOM = {"id": 2, "name": "room"}
WALL = {"id": 1, "name": "wall"}


def _annotation(bbox: Any, image: int = 1, category: int = 2, **more: Any) -> dict[str, Any]:
    return {"id": 7, "image_id": image, "category_id": category, "bbox": bbox, **more}


def _file(
    path: Path, annotations: list[Any], images: list[Any] | None = None, categories: list[Any] | None = None
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "images": [{"id": 1, "file_name": "plan.png", "width": 200, "height": 100}] if images is None else images,
        "annotations": annotations,
        "categories": [ROOM, WALL] if categories is None else categories,
    }
    path.write_text(json.dumps(content))
    return path


def _image(path: Path, number: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(number, SIZE).save(path)
    return path


def _read(root: Path, classes: list[str] | None = None) -> Source:
    return coco.read(root, classes, lambda *_: None)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return _image(tmp_path / "plan.png")


def test_a_bbox_is_a_corner_and_a_size_in_pixels(tmp_path: Path, image: Path) -> None:
    _file(tmp_path / "plans.json", [_annotation([20, 10, 100, 50]), _annotation([150.5, 0, 100, 30])])
    (plan,) = _read(tmp_path).plans
    assert (plan.name, plan.image, plan.part) == ("plan", image, None)
    assert plan.boxes == (pytest.approx((0.1, 0.1, 0.6, 0.6)), pytest.approx((0.7525, 0, 1, 0.3)))


@pytest.mark.usefixtures("image")
def test_only_the_class_room_is_used_if_there_are_others(tmp_path: Path) -> None:
    _file(tmp_path / "plans.json", [_annotation([0, 0, 50, 50]), _annotation([0, 0, 9, 90], category=1)])
    source = _read(tmp_path)
    assert len(source.plans[0].boxes) == 1
    assert source.skipped.counts == {"annotations of category wall": 1}


@pytest.mark.usefixtures("image")
def test_all_classes_are_rooms_if_none_is_named_room(tmp_path: Path) -> None:
    categories = [{"id": 0, "name": "room"}, {"id": 1, "name": "kitchen"}, {"id": 2, "name": "bath"}]
    _file(
        tmp_path / "plans.json",
        [_annotation([0, 0, 50, 50], category=1), _annotation([50, 0, 50, 50], category=2)],
        categories=categories,
    )
    assert len(_read(tmp_path).plans[0].boxes) == 2, "a category that no annotation has decides nothing"
    assert len(_read(tmp_path, ["bath"]).plans[0].boxes) == 1
    with pytest.raises(BlueprintError, match="--classes hall: the source has kitchen, bath"):
        _read(tmp_path, ["hall"])


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (_annotation([0, 0, 50, 50], iscrowd=1), "annotations that are crowds or run-length masks"),
        (
            _annotation([0, 0, 50, 50], segmentation={"counts": [1, 2], "size": [100, 200]}),
            "annotations that are crowds or run-length masks",
        ),
        (_annotation([0, 0, 50]), "annotations without a bbox of four numbers"),
        (_annotation(None), "annotations without a bbox of four numbers"),
        (_annotation([0, 0, float("nan"), 50]), "annotations without a bbox of four numbers"),
        (_annotation([300, 0, 50, 50]), "annotations of less than a pixel, or outside the image"),
        (_annotation([10, 10, 0, 50]), "annotations of less than a pixel, or outside the image"),
        (_annotation([10, 10, -20, 50]), "annotations of less than a pixel, or outside the image"),
        (_annotation([0, 0, 50, 50]) | {"category_id": [2]}, "annotations of category None"),
        ({"id": 7, "bbox": [0, 0, 9, 9]}, "annotations without an image"),
        ("room", "annotations without an image"),
    ],
)
def test_unusable_annotations_are_counted(tmp_path: Path, annotation: Any, reason: str) -> None:
    _file(tmp_path / "plans.json", [_annotation([0, 0, 50, 50]), annotation])
    source = _read(tmp_path)
    assert len(source.plans[0].boxes) == 1
    assert source.skipped.counts == {reason: 1}
    assert "plans.json" in source.skipped.first[reason]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("cubicasa5k_coco/train_coco_pt.json", "training"),
        ("annotations/instances_val2017.json", "validation"),
        ("valid/_annotations.coco.json", "validation"),
        ("test/_annotations.coco.json", "test"),
        ("plans.json", None),
    ],
)
@pytest.mark.usefixtures("image")
def test_the_part_is_in_the_name_of_the_file_or_its_folder(tmp_path: Path, path: str, part: str | None) -> None:
    _file(tmp_path / path, [_annotation([0, 0, 50, 50])])
    assert _read(tmp_path).plans[0].part == part


def test_images_are_found_by_the_end_of_their_paths(tmp_path: Path) -> None:
    """As in CubiCasa5K's exports, where all images are called the same and stand under another machine's paths."""
    for number, style in enumerate(("colorful/17", "high_quality/17", "high_quality/18")):
        _image(tmp_path / "cubicasa5k" / style / "F1_original.png", number)
    names = [f"/kaggle/input/cubicasa5k/{style}/F1_original.png" for style in ("high_quality/17", "colorful/17")]
    images = [{"id": number, "file_name": name, "width": 200, "height": 100} for number, name in enumerate(names)]
    _file(tmp_path / "cubicasa5k_coco" / "train_coco_pt.json", [_annotation([0, 0, 50, 50], image=1)], images=images)
    plans = _read(tmp_path).plans
    assert [plan.name for plan in plans] == ["high_quality_17", "colorful_17"]
    assert [len(plan.boxes) for plan in plans] == [0, 1]


def test_if_images_share_a_name_the_one_beside_the_file_is_used(tmp_path: Path) -> None:
    for number, split in enumerate(("train", "valid")):
        _image(tmp_path / split / "plan.png", number)
        _file(tmp_path / split / "_annotations.coco.json", [_annotation([0, 0, 50, 50])])
    assert [plan.image.parent.name for plan in _read(tmp_path).plans] == ["train", "valid"]


def test_an_image_that_is_missing_ambiguous_or_broken_is_skipped(tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        _image(tmp_path / folder / "twice.png", number)
    (tmp_path / "broken.png").write_text("no image")
    names = ("gone.png", "twice.png", "broken.png", "../../etc/passwd")
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    images.append({"id": 8, "file_name": "a/twice.png", "width": 10**400, "height": 1})
    _file(tmp_path / "plans.json", [], images=[*images, {"id": 9}, "plan.png"])
    source = _read(tmp_path)
    assert source.plans == []
    assert source.skipped.counts == {"images that cannot be used": 7}


def test_a_scaled_copy_of_the_labelled_image_is_accepted_and_another_shape_is_not(tmp_path: Path, image: Path) -> None:
    scaled = [{"id": 1, "file_name": "plan.png", "width": 400, "height": 200}]
    _file(tmp_path / "plans.json", [_annotation([40, 20, 200, 100])], images=scaled)
    assert _read(tmp_path).plans[0].boxes == (pytest.approx((0.1, 0.1, 0.6, 0.6)),)
    _file(tmp_path / "plans.json", [], images=[{"id": 1, "file_name": "plan.png", "width": 300, "height": 200}])
    source = _read(tmp_path)
    assert "has 200 x 100 px, and 300 x 200 in the file" in source.skipped.first["images that cannot be used"]


@pytest.mark.parametrize("orientation", [1, 5, 6, 7, 8])
def test_boxes_are_rotated_with_their_image(tmp_path: Path, orientation: int) -> None:
    """A black rectangle that was labelled in the pixels as stored is under its box in the image as shown."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.new("L", SIZE, 255)
    stored.paste(0, (20, 10, 80, 40))
    stored.save(tmp_path / "plan.png", exif=exif)
    _file(tmp_path / "plans.json", [_annotation([20, 10, 60, 30])])
    with Image.open(tmp_path / "plan.png") as image:
        shown = ImageOps.exif_transpose(image).convert("L")
    (box,) = _read(tmp_path).plans[0].boxes
    width, height = shown.size
    black = shown.point([255] + [0] * 255).getbbox()
    assert (box[0] * width, box[1] * height, box[2] * width, box[3] * height) == pytest.approx(black)


def test_a_file_that_is_not_coco_json_is_skipped_and_a_source_without_any_is_refused(
    tmp_path: Path, image: Path
) -> None:
    (tmp_path / "notes.json").write_text("[1, 2]")
    (tmp_path / "cut.json").write_text('{"images": [')
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(BlueprintError, match="no COCO JSON"):
        _read(tmp_path)
    path = _file(tmp_path / "plans.json", [_annotation([0, 0, 50, 50])])
    source = _read(tmp_path)
    assert len(source.plans) == 1
    assert source.skipped.counts == {"JSON files that are not COCO": 1, "files that are not JSON": 2}
    assert [plan.image for plan in _read(path).plans] == [image], "one file may be given"
