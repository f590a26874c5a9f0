"""A symbol of furniture keeps within its box, with its back to the side that it is given."""

import pytest

from blueprints.errors import BlueprintError
from blueprints.rendering.furniture_symbols import SYMBOLS, Furniture, Side, shapes


@pytest.mark.parametrize("kind", sorted(SYMBOLS))
@pytest.mark.parametrize("back", ["north", "east", "south", "west"])
def test_a_symbol_stays_within_its_box_whatever_side_its_back_is_on(kind: str, back: Side) -> None:
    piece = Furniture(kind=kind, x=2, y=1, width=1.8, height=1.8, back=back)
    points = [point for shape in shapes(piece) for point in shape.points]
    margin = 1e-9
    assert min(x for x, _ in points) >= 2 - margin
    assert max(x for x, _ in points) <= 3.8 + margin
    assert min(y for _, y in points) >= 1 - margin
    assert max(y for _, y in points) <= 2.8 + margin


def test_a_toilet_has_its_cistern_at_its_back() -> None:
    backs: dict[Side, tuple[float, float]] = {"north": (0.5, 0), "south": (0.5, 1), "west": (0, 0.5), "east": (1, 0.5)}
    for back, (x, y) in backs.items():
        cistern = next(shapes(Furniture(kind="toilet", x=0, y=0, width=1, height=1, back=back))).points
        middle = sum(u for u, _ in cistern) / len(cistern), sum(v for _, v in cistern) / len(cistern)
        assert middle == pytest.approx((x, y), abs=0.1), back


def test_unknown_furniture_is_refused_with_the_known_kinds() -> None:
    with pytest.raises(BlueprintError, match="furniture 'piano': is unknown: use one of armchair, basin"):
        list(shapes(Furniture(kind="piano", x=0, y=0, width=1, height=1)))


def test_furniture_without_a_size_is_refused_with_its_size() -> None:
    with pytest.raises(BlueprintError, match="sofa: is -2 x 1 m: both must be more than 0"):
        Furniture(kind="sofa", x=0, y=0, width=-2, height=1)
