"""A conversion writes channels that pass the check, counts what it leaves out, and leaves nothing half done."""

from pathlib import Path

import pytest
from PIL import Image

from blueprints.datasets import channels, conversion, yolo
from blueprints.datasets.check import check_folders
from blueprints.datasets.conversion import Report, Skipped, Source, SourcePlan
from blueprints.errors import BlueprintError
from tests.blueprints.datasets.labelled import picture

ROOM = ((0.25, 0.25, 0.75, 0.75),)


def _source(folder: Path, parts: str, boxes: tuple[yolo.Box, ...] = ROOM) -> Source:
    """A source of one plan a letter: t(raining), v(alidation), h(eld back for the test), or - for no part."""
    folder.mkdir(exist_ok=True)
    named: dict[str, channels.Part | None] = {"t": "training", "v": "validation", "h": "test", "-": None}
    plans = []
    for number, letter in enumerate(parts):
        path = folder / f"plan{number}.png"
        picture(number).save(path)
        plans.append(SourcePlan(name=path.stem, image=path, boxes=boxes, part=named[letter]))
    return Source(plans=plans, skipped=Skipped())


def _convert(source: Source, out: Path, validation: float = 0.1, seed: int = 0) -> Report:
    return conversion.convert(source, out, validation=validation, seed=seed, step=lambda *_: None)


def _names(out: Path, part: channels.Part) -> set[str]:
    return {plan.name for plan in yolo.plans(out / part)}


def test_the_layout_is_the_one_of_the_channels_and_passes_the_check(tmp_path: Path) -> None:
    report = _convert(_source(tmp_path / "source", "ttvh"), tmp_path / "out")
    written = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
    }
    assert written == {
        "training/images/train/plan0.png",
        "training/labels/train/plan0.txt",
        "training/images/train/plan1.png",
        "training/labels/train/plan1.txt",
        "validation/images/val/plan2.png",
        "validation/labels/val/plan2.txt",
        "test/images/test/plan3.png",
        "test/labels/test/plan3.txt",
    }
    assert check_folders(channels.parts(tmp_path / "out")) == []
    assert report.plans == {"training": 2, "validation": 1, "test": 1}
    assert report.boxes == {"training": 2, "validation": 1, "test": 1}
    assert not report.drawn


def test_boxes_are_read_back_as_they_were(tmp_path: Path) -> None:
    boxes = ((0.0, 0.0, 1.0, 1.0), (0.123456, 0.2, 0.987654, 0.7), (0.9, 0.95, 1.0, 1.0))
    _convert(_source(tmp_path / "source", "tv", boxes), tmp_path / "out")
    (plan,) = yolo.plans(tmp_path / "out" / "training")
    for read, written in zip(yolo.read_labels(plan.labels), boxes, strict=True):
        assert read == pytest.approx(written, abs=1e-6)


def test_images_are_copied_byte_for_byte(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "tv")
    _convert(source, tmp_path / "out")
    copied = tmp_path / "out" / "training" / "images" / "train" / "plan0.png"
    assert copied.read_bytes() == source.plans[0].image.read_bytes()


def test_an_image_of_another_format_becomes_an_upright_png(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "tv")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter
    picture(0).save(source.plans[0].image, format="JPEG2000")
    picture(1).save(source.plans[1].image, format="JPEG", exif=exif)
    _convert(source, tmp_path / "out")
    with Image.open(tmp_path / "out" / "training" / "images" / "train" / "plan0.png") as image:
        assert (image.format, image.size) == ("PNG", (160, 120))
    renamed = tmp_path / "out" / "validation" / "images" / "val" / "plan1.jpg"
    assert renamed.read_bytes() == source.plans[1].image.read_bytes(), "a JPEG by another name is a JPEG, EXIF included"


def test_a_source_without_a_validation_split_gets_one_drawn_by_the_seed(tmp_path: Path) -> None:
    report = _convert(_source(tmp_path / "source", "-" * 20), tmp_path / "a", validation=0.2)
    assert report.drawn
    assert report.plans == {"training": 16, "validation": 4, "test": 0}
    _convert(_source(tmp_path / "source", "-" * 20), tmp_path / "b", validation=0.2)
    _convert(_source(tmp_path / "source", "-" * 20), tmp_path / "c", validation=0.2, seed=1)
    drawn = [_names(tmp_path / name, "validation") for name in "abc"]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_a_plan_in_several_parts_stays_in_the_one_that_is_measured(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "ttvvh")
    for copy, original in (("plan1.png", "plan2.png"), ("plan3.png", "plan4.png")):
        (tmp_path / "source" / copy).write_bytes((tmp_path / "source" / original).read_bytes())
    report = _convert(source, tmp_path / "out")
    assert _names(tmp_path / "out", "training") == {"plan0"}
    assert _names(tmp_path / "out", "validation") == {"plan2"}
    assert _names(tmp_path / "out", "test") == {"plan4"}
    assert report.skipped.counts == {"plans that are in another part too": 2}


def test_an_image_that_cannot_be_read_is_skipped(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "ttv")
    source.plans[1].image.write_bytes(source.plans[1].image.read_bytes()[:200])
    report = _convert(source, tmp_path / "out")
    assert _names(tmp_path / "out", "training") == {"plan0"}
    assert report.skipped.counts == {"images that cannot be read": 1}
    assert "plan1.png" in report.skipped.first["images that cannot be read"]


def test_an_image_that_is_listed_twice_is_written_once(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "tv")
    again = Source(plans=[*source.plans, source.plans[0]], skipped=Skipped())
    report = _convert(again, tmp_path / "out")
    assert report.plans["training"] == 1
    assert report.skipped.counts == {"images that the source lists twice": 1}


def test_plans_with_the_same_name_get_different_names(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "ttv")
    same = [
        SourcePlan(name=name, image=plan.image, boxes=ROOM, part=plan.part)
        for name, plan in zip(("a", "A", "b"), source.plans, strict=True)
    ]
    _convert(Source(plans=same, skipped=Skipped()), tmp_path / "out")
    assert _names(tmp_path / "out", "training") == {"a", "A-2"}


@pytest.mark.parametrize("parts", ["", "-", "tt", "vv", "hh"])
def test_a_source_that_cannot_fill_both_channels_is_refused(tmp_path: Path, parts: str) -> None:
    # Two plans for training are enough to draw from, but not two that look the same.
    source = _source(tmp_path / "source", parts)
    for plan in source.plans:
        picture(0).save(plan.image)
    with pytest.raises(BlueprintError, match=r"no plan with rooms for (training|validation): "):
        _convert(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_channel_without_a_single_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="no plan with rooms for training: too few plans"):
        _convert(_source(tmp_path / "source", "tv", ()), tmp_path / "out")


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_a_validation_share_outside_0_to_1_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(BlueprintError, match="must be more than 0 and less than 1"):
        _convert(_source(tmp_path / "source", "--"), tmp_path / "out", validation=share)


def test_existing_files_are_not_touched(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "tv")
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(BlueprintError, match="out: already exists: give a new or an empty folder"):
        _convert(source, out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    (tmp_path / "file").touch()
    with pytest.raises(BlueprintError, match="file: already exists"):
        _convert(source, tmp_path / "file")


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    _convert(_source(tmp_path / "source", "tv"), tmp_path / "out")
    assert _names(tmp_path / "out", "training") == {"plan0"}


def test_a_conversion_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "tv")

    def vanish(step: str, done: int, total: int) -> None:
        if (step, done) == ("writing plans", 1):
            for plan in source.plans:
                plan.image.unlink(missing_ok=True)

    with pytest.raises(BlueprintError, match=r"out: nothing was written: .*plan\d\.png: No such file"):
        conversion.convert(source, tmp_path / "out", validation=0.1, seed=0, step=vanish)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_skipped_items_are_reported_with_the_first_place(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", "--")
    source.skipped.add("boxes of class door", "a.txt:1")
    source.skipped.add("boxes of class door", "b.txt:1")
    report = _convert(source, tmp_path / "out")
    text = conversion.as_text(report)
    assert "skipped 2: boxes of class door (first: a.txt:1)" in text
    assert "validation: 1 plans, 1 boxes (drawn from the plans of the source)" in text
    assert conversion.as_json(report)["skipped"] == [{"reason": "boxes of class door", "count": 2, "first": "a.txt:1"}]


def test_linked_folders_are_followed_once_and_hidden_files_left_out(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    picture(1).save(tmp_path / "disk" / "plan.png")
    (tmp_path / "disk" / "._plan.png").touch()
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "images").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "back").symlink_to(tmp_path / "set")
    assert conversion.images_below(tmp_path / "set") == [tmp_path / "set" / "images" / "plan.png"]
