"""YOLO's formats in either order of folders: every shape becomes the upright box around it."""

from pathlib import Path

import pytest

from blueprints.datasets import yolo_trees
from blueprints.datasets.conversion import Source
from blueprints.errors import BlueprintError
from tests.blueprints.datasets.labelled import add, picture


def _read(root: Path, classes: list[str] | None = None) -> Source:
    return yolo_trees.read(root, classes, lambda *_: None)


def _roboflow(root: Path, split: str, name: str, labels: str, number: int = 1) -> Path:
    image, label = root / split / "images" / f"{name}.jpg", root / split / "labels" / f"{name}.txt"
    for path in (image, label):
        path.parent.mkdir(parents=True, exist_ok=True)
    picture(number).save(image)
    label.write_text(labels)
    return image


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("0 0.5 0.5 0.5 0.25", (0.25, 0.375, 0.75, 0.625)),
        ("0 0.2 0.3 0.6 0.3 0.6 0.7 0.2 0.7", (0.2, 0.3, 0.6, 0.7)),
        ("0 0.5 0.2 0.8 0.5 0.5 0.8 0.2 0.5", (0.2, 0.2, 0.8, 0.8)),
        ("0 -0.1 0.3 0.6 0.3 0.6 1.2 -0.1 1.2", (0, 0.3, 0.6, 1)),
        ("0 0.1 0.1 0.5 0.2 0.3 0.9", (0.1, 0.1, 0.5, 0.9)),
    ],
    ids=["box", "oriented", "turned", "over the border", "polygon"],
)
def test_each_shape_becomes_the_box_around_it(tmp_path: Path, line: str, box: tuple[float, ...]) -> None:
    _roboflow(tmp_path, "train", "plan", line + "\n")
    assert _read(tmp_path).plans[0].boxes == (pytest.approx(box),)


@pytest.mark.parametrize(
    "line", ["0", "0 0.5 0.5 0.5", "0 0.5 0.5 0.5 0.5 0.9", "0 0.5 half 0.5 0.5", "0 0.1 0.1 0.2 0.2 0.3 0.3 0.4"]
)
def test_a_line_of_another_form_is_counted_with_its_place(tmp_path: Path, line: str) -> None:
    _roboflow(tmp_path, "train", "plan", f"0 0.5 0.5 0.5 0.5\n\n{line}\n")
    source = _read(tmp_path)
    assert len(source.plans[0].boxes) == 1
    reason = "lines that are neither a box nor a polygon"
    assert source.skipped.counts == {reason: 1}
    assert f"plan.txt:3: '{line}'" in source.skipped.first[reason]


@pytest.mark.parametrize("line", ["0 0.5 0.5 0 0.5", "0 2 2 0.5 0.5", "0 nan 0.5 0.5 0.5", "0 0.5 0.5 0.001 0.5"])
def test_boxes_of_less_than_a_pixel_and_boxes_outside_are_counted(tmp_path: Path, line: str) -> None:
    _roboflow(tmp_path, "train", "plan", line)
    source = _read(tmp_path)
    assert source.plans[0].boxes == ()
    assert source.skipped.counts == {"boxes of less than a pixel, or outside the image": 1}


def test_the_splits_are_found_in_either_order_of_folders(tmp_path: Path) -> None:
    for split in ("train", "valid", "test"):
        _roboflow(tmp_path / "export", split, f"r-{split}", "0 0.5 0.5 0.5 0.5\n")
    for split in ("train", "val", "dev", ""):
        add(tmp_path / "set", split, f"u-{split}.png", 1)
    add(tmp_path / "set" / "validation", "extra", "u-extra.png", 1)
    assert {plan.name: plan.part for plan in _read(tmp_path).plans} == {
        "r-train": "training",
        "r-valid": "validation",
        "r-test": "test",
        "u-train": "training",
        "u-val": "validation",
        "u-dev": "validation",
        "u-": None,
        "u-extra": "validation",
    }


@pytest.mark.parametrize("names", ["names: [door, room]", "names:\n  0: door\n  1: room"])
def test_only_the_class_room_of_data_yaml_is_used(tmp_path: Path, names: str) -> None:
    (tmp_path / "data.yaml").write_text(names)
    _roboflow(tmp_path, "train", "plan", "0 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.5 0.5\n")
    source = _read(tmp_path)
    assert source.plans[0].boxes == ((0.25, 0.25, 0.75, 0.75),)
    assert source.skipped.counts == {"boxes of class door": 1}
    assert len(_read(tmp_path, ["door", "room"]).plans[0].boxes) == 2


def test_without_names_all_classes_are_rooms(tmp_path: Path) -> None:
    _roboflow(tmp_path, "train", "plan", "0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.5 0.5\n")
    assert len(_read(tmp_path).plans[0].boxes) == 2
    assert len(_read(tmp_path, ["7"]).plans[0].boxes) == 1


@pytest.mark.parametrize("text", ["names: [", "names: 3", "- a"])
def test_a_broken_data_yaml_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "data.yaml").write_text(text)
    _roboflow(tmp_path, "train", "plan", "0 0.5 0.5 0.5 0.5\n")
    with pytest.raises(BlueprintError, match=r"data\.yaml: ") as refused:
        _read(tmp_path)
    assert "\n" not in str(refused.value)


def test_images_and_labels_without_their_counterpart_are_counted(tmp_path: Path) -> None:
    image = _roboflow(tmp_path, "train", "plan", "")
    _roboflow(tmp_path, "train", "bare", "")
    (tmp_path / "train" / "labels" / "bare.txt").unlink()
    (tmp_path / "train" / "labels" / "gone.txt").write_text("")
    (tmp_path / "train" / "labels" / "classes.txt").write_text("room")
    _roboflow(tmp_path, "train", "broken", "").write_text("no image")
    source = _read(tmp_path)
    assert [plan.image for plan in source.plans] == [image]
    assert source.skipped.counts == {
        "images without a readable label file": 1,
        "label files without an image": 1,
        "images that cannot be read": 1,
    }


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "plan.png")
    with pytest.raises(BlueprintError, match="no images in a folder named images"):
        _read(tmp_path)


def test_images_of_any_format_that_can_be_read_are_found(tmp_path: Path) -> None:
    _roboflow(tmp_path, "train", "plan", "0 0.5 0.5 0.5 0.5\n")
    picture(2).save(tmp_path / "train" / "images" / "scan.ppm")
    (tmp_path / "train" / "labels" / "scan.txt").write_text("")
    assert [plan.image.name for plan in _read(tmp_path).plans] == ["plan.jpg", "scan.ppm"]
