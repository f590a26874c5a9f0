"""The rooms of CubiCasa5K's drawings land where its pictures show them."""

from pathlib import Path

import pytest

from blueprints.datasets import cubicasa
from blueprints.datasets.conversion import Source
from blueprints.errors import BlueprintError
from tests.blueprints.datasets.labelled import picture

# The form of a model.svg: floors in a model, rooms with labels and selection handles, doors inside walls, and a second
# floor that is hidden although the picture shows it.
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="400.5" height="300.25" viewBox="0 0 400.5 300.25">
  <!-- a comment -->
  <defs><g class="Space Symbol"><polygon points="0,0 9,0 9,9"/></g></defs>
  <g id="Model" class="Model v1-1">
    <g class="Floor">
      <g id="Floor-1" class="Floorplan Floor-1">
        <g id="a1" class="Space Bedroom" fill="#fff">
          <polygon points="20.0,30.0 100.0,30.0 100.0,150.0 20.0,150.0 "/>
          <g class="SelectionControls"><polygon points="0,0 390,0 390,290"/></g>
          <g class="NameLabel"><text>MH</text></g>
        </g>
        <g id="a2" class="Space Outdoor Balcony" transform="translate(100,0)">
          <polygon points="20,30 40,30 40,60" transform="scale(2)"/>
        </g>
        <g id="Wall" class="Wall External">
          <polygon points="10,10 390,10 390,20 10,20"/>
          <g id="Door" class="Door Swing"><polygon points="50,10 80,10 80,20 50,20"/></g>
        </g>
        <g class="FixedFurniture Space"><polygon points="0,0 9,0 9,9"/></g>
      </g>
    </g>
    <g class="Floor" style="display: none;">
      <g id="Floor-2" class="Floorplan Floor-2">
        <g class="Space"><polygon points="300,100 380,100 380,280 300,280"/></g>
      </g>
    </g>
  </g>
</svg>
"""


def _plan(root: Path, name: str, svg: str = MODEL, pictures: dict[str, tuple[int, int]] | None = None) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "model.svg").write_text(svg)
    for number, (file, size) in enumerate((pictures or {"F1_scaled.png": (400, 300)}).items()):
        picture(number, size).save(folder / file)
    return folder


def _read(root: Path, classes: list[str] | None = None) -> Source:
    return cubicasa.read(root, classes, lambda *_: None)


def test_every_space_is_a_room_and_nothing_else_is(tmp_path: Path) -> None:
    model = cubicasa.read_model(_plan(tmp_path, "a/1") / "model.svg")
    assert [space.kind for space in model.spaces] == ["Bedroom", "Outdoor", "Undefined"]


def test_boxes_are_fractions_of_the_scaled_picture_after_all_transforms(tmp_path: Path) -> None:
    _plan(tmp_path, "high_quality/17")
    (plan,) = _read(tmp_path).plans
    assert plan.name == "high_quality_17"
    assert plan.image.name == "F1_scaled.png"
    assert plan.boxes == (
        pytest.approx((20 / 400, 30 / 300, 100 / 400, 150 / 300)),
        pytest.approx((140 / 400, 60 / 300, 180 / 400, 120 / 300)),
        pytest.approx((300 / 400, 100 / 300, 380 / 400, 280 / 300)),
    )


def test_the_origin_of_the_view_box_is_the_corner_of_the_picture(tmp_path: Path) -> None:
    _plan(tmp_path, "a/1", MODEL.replace('viewBox="0 0', 'viewBox="10 20'))
    assert _read(tmp_path).plans[0].boxes[0] == pytest.approx((10 / 400, 10 / 300, 90 / 400, 130 / 300))


def test_without_a_scaled_picture_the_original_of_the_same_shape_serves(tmp_path: Path) -> None:
    _plan(tmp_path, "a/1", pictures={"F1_original.png": (801, 600)})
    (plan,) = _read(tmp_path).plans
    assert plan.image.name == "F1_original.png"
    assert plan.boxes[0] == pytest.approx((20 / 400.5, 30 / 300.25, 100 / 400.5, 150 / 300.25))


def test_plans_without_a_picture_that_fits_are_skipped(tmp_path: Path) -> None:
    _plan(tmp_path, "a/1", pictures={"F1_original.png": (600, 600)})
    _plan(tmp_path, "a/2", pictures={"other.png": (400, 300)})
    _plan(tmp_path, "a/3")
    (tmp_path / "a" / "3" / "F1_scaled.png").write_text("no image")
    source = _read(tmp_path)
    assert source.plans == []
    assert source.skipped.counts == {"plans without a picture that fits": 3}


def test_the_official_lists_define_the_parts_at_any_depth(tmp_path: Path) -> None:
    root = tmp_path / "cubicasa5k" / "cubicasa5k"
    for name in ("high_quality/1", "colorful/2", "colorful/3", "colorful/4"):
        _plan(root, name)
    (root / "train.txt").write_text("/high_quality/1/\n/high_quality/99/\n")
    (root / "val.txt").write_bytes(b"\xef\xbb\xbf/colorful/2/\r\n")
    (root / "test.txt").write_text("/colorful/3/\n")
    source = _read(tmp_path)
    assert {plan.name: plan.part for plan in source.plans} == {
        "high_quality_1": "training",
        "colorful_2": "validation",
        "colorful_3": "test",
    }
    assert source.skipped.counts == {
        "plans in a list that have no model.svg": 1,
        "plans that are in no list": 1,
    }


def test_without_lists_no_plan_has_a_part(tmp_path: Path) -> None:
    _plan(tmp_path, "a/1")
    assert _read(tmp_path).plans[0].part is None


def test_types_of_rooms_can_be_chosen_and_the_rest_is_counted(tmp_path: Path) -> None:
    _plan(tmp_path, "a/1")
    source = _read(tmp_path, ["Bedroom", "Undefined"])
    assert len(source.plans[0].boxes) == 2
    assert source.skipped.counts == {"rooms of type Outdoor": 1}
    with pytest.raises(BlueprintError, match="--classes Attic: the source has Bedroom, Outdoor, Undefined"):
        _read(tmp_path, ["Attic"])


def test_rooms_beside_the_picture_and_rooms_without_corners_are_counted(tmp_path: Path) -> None:
    spaces = '<g class="Space Hall"><polygon points="500,0 600,0 600,9"/></g><g class="Space Hall"/>'
    _plan(tmp_path, "a/1", f"<svg>{spaces}</svg>")
    source = _read(tmp_path)
    assert source.plans[0].boxes == ()
    assert source.skipped.counts == {"rooms of less than a pixel, or outside the picture": 2}


@pytest.mark.parametrize(
    "text",
    [
        "<svg><g></svg>",
        "",
        "<html/>",
        '<svg><g class="Space"><polygon points="1,2 3"/></g></svg>',
        '<svg><g class="Space" transform="turn(9)"/></svg>',
        '<svg viewBox="none"/>',
        "<svg>" + "<g>" * 5000 + "</g>" * 5000 + "</svg>",
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]><svg>&a;</svg>',
    ],
)
def test_a_drawing_that_cannot_be_used_is_skipped_by_name(tmp_path: Path, text: str) -> None:
    broken = _plan(tmp_path, "a/1", text)
    _plan(tmp_path, "a/2")
    source = _read(tmp_path)
    assert [plan.name for plan in source.plans] == ["a_2"]
    reason = "plans whose model.svg cannot be used"
    assert source.skipped.counts == {reason: 1}
    assert source.skipped.first[reason].startswith(f"{broken / 'model.svg'}: ")
    assert "\n" not in source.skipped.first[reason]


def test_a_folder_without_drawings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match=r"no <style>/<id>/model\.svg"):
        _read(tmp_path)


def test_a_list_that_is_not_text_is_refused_by_name(tmp_path: Path) -> None:
    _plan(tmp_path, "a/1")
    (tmp_path / "train.txt").write_bytes(b"\xff\xfe/a/1/")
    with pytest.raises(BlueprintError, match=r"train\.txt: is not text"):
        _read(tmp_path)
