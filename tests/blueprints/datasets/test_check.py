"""A sound set has no problems; a broken one has all of its problems listed, each with its file."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from blueprints.datasets.check import Problem, check_folders, is_broken
from tests.blueprints.datasets.labelled import ONE_ROOM, add, picture

REPOSITORY = Path(__file__).resolve().parents[3]


def _texts(problems: list[Problem], root: Path) -> list[str]:
    """The problems without the test's own folder."""
    return [f"{problem.severity}: {problem}".replace(f"{root}/", "") for problem in problems]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Two splits, three plans that differ."""
    for split, number in (("train", 1), ("train", 2), ("val", 3)):
        add(tmp_path, split, f"plan{number}.png", number)
    return tmp_path


def test_a_sound_folder_has_no_problems(sound: Path) -> None:
    assert check_folders([sound]) == []


def test_a_plan_without_rooms_is_sound(sound: Path) -> None:
    add(sound, "val", "empty.png", 4, labels="")
    assert check_folders([sound]) == []


def test_a_file_of_class_names_beside_the_labels_is_not_a_problem(sound: Path) -> None:
    (sound / "labels" / "train" / "classes.txt").write_text("room\n")
    assert check_folders([sound]) == []


@pytest.mark.parametrize("make", [lambda _: None, Path.mkdir, Path.touch])
def test_a_folder_that_is_missing_empty_or_not_a_folder_is_one_error(tmp_path: Path, make) -> None:
    make(tmp_path / "data")
    (problem,) = check_folders([tmp_path / "data"])
    assert (problem.path, problem.severity) == (tmp_path / "data", "error")
    assert problem.reason.startswith(("is not a folder", "has no images"))


def test_an_empty_channel_beside_a_full_one_is_an_error(sound: Path) -> None:
    (sound / "validation").mkdir()
    (problem,) = check_folders([sound, sound / "validation"])
    assert problem.path == sound / "validation"
    assert problem.reason.startswith("has no images")


def test_images_outside_a_folder_named_images_are_an_error(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "plan.png")
    (problem,) = check_folders([tmp_path])
    assert "is not in a folder named images" in problem.reason


def test_every_image_that_cannot_be_read_is_listed(sound: Path) -> None:
    train = sound / "images" / "train"
    picture(5, (600, 400)).save(train / "plan1.png")
    whole = (train / "plan1.png").read_bytes()
    (train / "plan1.png").write_bytes(whole[: len(whole) // 2])
    (train / "plan2.png").write_text("<svg/>")
    add(sound, "val", "zero.jpg", 6).write_bytes(b"")
    picture(7, (9, 300)).save(add(sound, "val", "line.png", 7))
    problems = check_folders([sound])
    assert [(problem.path.name, problem.severity) for problem in problems] == [
        ("plan1.png", "error"),
        ("plan2.png", "error"),
        ("line.png", "error"),
        ("zero.jpg", "error"),
    ]
    assert "truncated" in problems[0].reason
    assert (
        problems[1].reason
        == problems[3].reason
        == "is not an image, or its format is not supported: replace or remove it"
    )
    assert problems[2].reason == "is 9 x 300 px: each side must have at least 10 px"


def test_a_truncated_jpeg_is_an_error(sound: Path) -> None:
    path = add(sound, "val", "cut.jpg", 5)
    picture(5, (600, 400)).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    (problem,) = check_folders([sound])
    assert problem.path == path
    assert problem.reason.startswith("cannot be read (image file is truncated")


def test_images_without_labels_and_labels_without_images_are_errors(sound: Path) -> None:
    (sound / "labels" / "train" / "plan1.txt").unlink()
    (sound / "images" / "val" / "plan3.png").unlink()
    add(sound, "val", "plan4.png", 4)
    (sound / "labels" / "test").mkdir()
    (sound / "labels" / "test" / "gone.txt").write_text(ONE_ROOM)
    assert _texts(check_folders([sound]), sound) == [
        "error: labels/train/plan1.txt: is missing: a plan without rooms needs an empty file",
        "error: labels/test/gone.txt: has no image with its name: add the image, or remove these labels",
        "error: labels/val/plan3.txt: has no image with its name: add the image, or remove these labels",
    ]


def test_a_dangling_link_is_a_missing_image(sound: Path) -> None:
    image = sound / "images" / "val" / "plan3.png"
    image.unlink()
    image.symlink_to(sound / "nowhere.png")
    add(sound, "val", "plan4.png", 4)
    (problem,) = check_folders([sound])
    assert problem.path == sound / "labels" / "val" / "plan3.txt"


def test_every_wrong_line_of_every_label_file_is_listed(sound: Path) -> None:
    labels = sound / "labels"
    (labels / "train" / "plan1.txt").write_text("0 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.1 0.1\n0 0.9 0.5 0.5 0.1\n0 0.5\n")
    (labels / "train" / "plan2.txt").write_text("0 0.5 0.5 0 0.1\n\nroom 0.5 0.5 0.1 0.1\n0 0.5 nan 0.1 0.1\n")
    (labels / "val" / "plan3.txt").write_bytes(b"\xff\xfe0")
    assert _texts(check_folders([sound]), sound) == [
        "error: labels/train/plan1.txt: line 2: class 1: the only class is 0 (room)",
        "error: labels/train/plan1.txt: line 3: '0 0.9 0.5 0.5 0.1' reaches outside the image: clip the box to 0..1",
        "error: labels/train/plan1.txt: line 4: '0 0.5' has 2 fields: must be '0 x_center y_center width height'",
        "error: labels/train/plan2.txt: line 1: '0 0.5 0.5 0 0.1' is empty: width and height must be more than 0",
        "error: labels/train/plan2.txt: line 3: class room: the only class is 0 (room)",
        "error: labels/train/plan2.txt: line 4: nan: must be a number from 0 to 1",
        "error: labels/val/plan3.txt: is not text: give lines of '0 x_center y_center width height'",
    ]


def test_a_folder_without_any_room_is_an_error(tmp_path: Path) -> None:
    add(tmp_path, "train", "a.png", 1, labels="")
    add(tmp_path, "train", "b.png", 2, labels="\n")
    assert _texts(check_folders([tmp_path]), tmp_path.parent) == [
        f"error: {tmp_path.name}: has no box in any label file: label the rooms first"
    ]


def test_two_plans_with_the_same_name_are_an_error_only_within_one_folder(sound: Path, tmp_path: Path) -> None:
    add(sound, "val", "plan1.png", 4)
    (problem,) = check_folders([sound])
    assert problem.path == sound / "images" / "val" / "plan1.png"
    assert problem.reason.startswith(f"has the same name as {sound / 'images' / 'train' / 'plan1.png'}")
    other = tmp_path / "validation"
    add(other, "val", "plan2.png", 5)
    assert check_folders([sound, other]) == [problem]


def test_a_copy_in_another_split_is_an_error_and_one_in_the_same_split_a_warning(sound: Path) -> None:
    add(sound, "train", "same.png", 1)
    add(sound, "val", "leak.png", 2)
    assert _texts(check_folders([sound]), sound) == [
        "warning: images/train/same.png: is identical to images/train/plan1.png: remove one",
        "error: images/val/leak.png: is identical to images/train/plan2.png, in another split: remove one",
    ]


def test_each_of_several_folders_is_one_split(tmp_path: Path) -> None:
    for split, name, number in (("a", "one.png", 1), ("b", "two.png", 2), ("b", "again.png", 1)):
        add(tmp_path / "training", split, name, number)
    add(tmp_path / "validation", "val", "one.png", 2)
    assert _texts(check_folders([tmp_path / "training", tmp_path / "validation"]), tmp_path) == [
        "warning: training/images/b/again.png: is identical to training/images/a/one.png: remove one",
        "error: validation/images/val/one.png: is identical to training/images/b/two.png, in another split: remove one",
    ]


def test_a_copy_in_another_split_is_named_before_a_closer_one_in_the_same_split(sound: Path) -> None:
    """Of three copies, the one in the other split is what makes the set useless."""
    add(sound, "val", "a.png", 3)
    image = add(sound, "train", "rough.jpg", 3)
    picture(3).save(image, quality=30)
    problems = check_folders([sound])
    assert [(problem.path.name, problem.severity) for problem in problems] == [
        ("a.png", "error"),
        ("plan3.png", "error"),
    ]
    assert all(str(image) in problem.reason for problem in problems)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.resize((image.width // 2, image.height // 2)),
        lambda image: image.resize((400, 400)),
        lambda image: image.point([20 + round(value * 0.85) for value in range(256)] * 3),
        lambda image: image.convert("L"),
    ],
    ids=["smaller", "stretched", "paler", "grey"],
)
def test_a_changed_copy_is_recognised(sound: Path, change) -> None:
    path = add(sound, "val", "copy.jpg", 1)
    change(picture(1, (640, 480))).save(path, quality=40)
    picture(1, (640, 480)).save(sound / "images" / "train" / "plan1.png")
    assert _texts(check_folders([sound]), sound) == [
        "error: images/val/copy.jpg: shows the same plan as images/train/plan1.png, in another split: remove one"
    ]


def test_a_copy_turned_by_its_camera_is_recognised(sound: Path) -> None:
    path = add(sound, "val", "copy.jpg", 1)
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned clockwise by a quarter
    picture(1).rotate(90, expand=True).save(path, exif=exif, quality=95)
    (problem,) = check_folders([sound])
    assert problem.path == path


def test_many_different_plans_are_not_duplicates(tmp_path: Path) -> None:
    for number in range(40):
        add(tmp_path, "train", f"{number}.png", number)
    assert check_folders([tmp_path]) == []


def test_progress_counts_every_image(sound: Path) -> None:
    seen: list[tuple[int, int]] = []
    check_folders([sound], lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_set_with_warnings_only_is_not_broken() -> None:
    warning = Problem(path=Path("a.png"), reason="is there twice", severity="warning")
    assert not is_broken([])
    assert not is_broken([warning])
    assert is_broken([warning, Problem(path=Path("b.png"), reason="is gone")])


def test_the_check_needs_nothing_that_the_training_image_lacks() -> None:
    code = (
        "import sys\n"
        "for name in ('rich', 'boto3', 'pydantic', 'matplotlib'): sys.modules[name] = None\n"
        "import blueprints.datasets.check\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)
