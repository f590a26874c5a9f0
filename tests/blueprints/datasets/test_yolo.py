"""Labels are read exactly or refused with file, line and value; folders are found in each of their forms."""

from pathlib import Path

import pytest

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError


def _labels(folder: Path, text: str) -> Path:
    path = folder / "plan.txt"
    path.write_text(text)
    return path


def _folder(root: Path, *names: str) -> Path:
    """Images (their content plays no part) with the given paths below `images`."""
    for name in names:
        image = root / "images" / name
        image.parent.mkdir(parents=True, exist_ok=True)
        image.touch()
    return root


def test_a_line_is_a_box_around_its_centre(tmp_path: Path) -> None:
    boxes = yolo.read_labels(_labels(tmp_path, "0 0.5 0.25 0.5 0.5\n\n0 0.9 0.9 0.2 0.2\n"))
    assert boxes[0] == (0.25, 0.0, 0.75, 0.5)
    assert boxes[1] == pytest.approx((0.8, 0.8, 1.0, 1.0))


def test_an_empty_file_is_a_plan_without_rooms(tmp_path: Path) -> None:
    assert yolo.read_labels(_labels(tmp_path, "")) == []


def test_a_box_that_rounding_pushed_over_the_border_is_clipped(tmp_path: Path) -> None:
    assert yolo.read_labels(_labels(tmp_path, "0 0.249999 0.5 0.5 1.0\n"))[0][0] == 0.0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 0.5 0.5 0.1 0.1", "class 1: the only class is 0 (room)"),
        ("room 0.5 0.5 0.1 0.1", "class room: the only class is 0 (room)"),
        ("0 0.5 0.5 0.1", "has 4 fields"),
        ("0 0.5 0.5 0.1 0.1 0.9", "has 6 fields"),
        ("0 1.5 0.5 0.1 0.1", "1.5: must be a number from 0 to 1"),
        ("0 0.5 -0.1 0.1 0.1", "-0.1: must be a number from 0 to 1"),
        ("0 0.5 0.5 nan 0.1", "nan: must be a number from 0 to 1"),
        ("0 0.5 half 0.1 0.1", "half: must be a number from 0 to 1"),
        ("0 0.5 0.5 0 0.1", "is empty: width and height must be more than 0"),
        ("0 0.9 0.5 0.5 0.1", "reaches outside the image"),
    ],
)
def test_a_wrong_line_is_refused_with_file_line_and_value(tmp_path: Path, line: str, message: str) -> None:
    path = _labels(tmp_path, f"0 0.5 0.5 0.1 0.1\n{line}\n")
    with pytest.raises(BlueprintError) as refused:
        yolo.read_labels(path)
    assert str(refused.value).startswith(f"{path}:2: ")
    assert message in str(refused.value)


def test_a_missing_label_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match=r"gone\.txt: is missing: a plan without rooms needs an empty file"):
        yolo.read_labels(tmp_path / "gone.txt")


def test_labels_that_are_not_text_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(BlueprintError, match=r"plan\.txt: is not text"):
        yolo.read_labels(path)


def test_a_folder_gives_the_plans_of_its_splits_by_name(tmp_path: Path) -> None:
    root = _folder(tmp_path, "val/b.jpg", "val/a.PNG", "train/c.jpg", "val/readme.md")
    found = yolo.plans(root)
    assert [plan.name for plan in found] == ["c", "a", "b"]
    assert found[1].image == root / "images" / "val" / "a.PNG"
    assert found[1].labels == root / "labels" / "val" / "a.txt"


def test_the_image_folder_of_one_split_may_be_given(tmp_path: Path) -> None:
    _folder(tmp_path, "val/a.jpg", "train/c.jpg")
    (plan,) = yolo.plans(tmp_path / "images" / "val")
    assert (plan.name, plan.labels) == ("a", tmp_path / "labels" / "val" / "a.txt")


def test_a_folder_without_splits_may_be_given(tmp_path: Path) -> None:
    (plan,) = yolo.plans(_folder(tmp_path, "a.jpg"))
    assert plan.labels == tmp_path / "labels" / "a.txt"


def test_a_folder_may_be_given_from_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _folder(tmp_path, "val/a.jpg")
    monkeypatch.chdir(tmp_path / "images" / "val")
    (plan,) = yolo.plans(Path())
    assert plan.labels == tmp_path / "labels" / "val" / "a.txt"


def test_only_the_nearest_folder_named_images_is_replaced(tmp_path: Path) -> None:
    root = _folder(tmp_path / "images" / "mine", "val/a.jpg")
    (plan,) = yolo.plans(root)
    assert plan.labels == root / "labels" / "val" / "a.txt"


def test_a_limit_takes_the_first_plans(tmp_path: Path) -> None:
    root = _folder(tmp_path, "val/b.jpg", "val/a.jpg", "val/c.jpg")
    assert [plan.name for plan in yolo.plans(root, 2)] == ["a", "b"]
    assert len(yolo.plans(root, 100)) == 3


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(tmp_path: Path, limit: int) -> None:
    with pytest.raises(BlueprintError, match=f"{limit} plans: must be 1 or more"):
        yolo.plans(_folder(tmp_path, "a.jpg"), limit)


def test_a_folder_without_images_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="no images: give a folder with"):
        yolo.plans(tmp_path)
    with pytest.raises(BlueprintError, match="nowhere: is not a folder"):
        yolo.plans(tmp_path / "nowhere")


def test_two_plans_with_the_same_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match=r"a\.jpg: has the same name as .*train.*a\.png"):
        yolo.plans(_folder(tmp_path, "val/a.jpg", "train/a.png"))


def test_images_outside_a_folder_named_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.jpg").touch()
    with pytest.raises(BlueprintError, match="is not in a folder named images"):
        yolo.plans(tmp_path)
