"""Styles are at random, and every choice that the renderer knows is taken by some."""

import random
from dataclasses import fields
from typing import get_args, get_type_hints

import pytest

from blueprints.rendering.drawing_style import FAMILIES, DrawingStyle, Family, drawing_style
from blueprints.rendering.layout import ROOM_KINDS
from blueprints.rendering.room_names import LANGUAGES, ROOM_NAMES
from blueprints.rendering.scan import WEAR


@pytest.fixture(scope="module")
def drawn() -> list[DrawingStyle]:
    rng = random.Random(1)
    return [drawing_style(rng) for _ in range(2000)]


def test_every_family_appears_about_as_often_as_its_share_says(drawn: list[DrawingStyle]) -> None:
    assert set(FAMILIES) == set(get_args(Family)) == set(WEAR)
    assert sum(FAMILIES.values()) == pytest.approx(1)
    for family, share in FAMILIES.items():
        assert sum(style.family == family for style in drawn) / len(drawn) == pytest.approx(share, abs=0.05)


def test_every_value_of_every_choice_appears(drawn: list[DrawingStyle]) -> None:
    hints = get_type_hints(DrawingStyle)
    choices = {field.name: get_args(hints[field.name]) for field in fields(DrawingStyle)}
    for name, values in choices.items():
        if values and all(isinstance(value, str) for value in values):
            assert {getattr(style, name) for style in drawn} == set(values), name


def test_every_language_appears_and_names_every_kind_of_room(drawn: list[DrawingStyle]) -> None:
    assert {style.language for style in drawn} == set(LANGUAGES)
    for names in ROOM_NAMES.values():
        assert names.keys() == set(ROOM_KINDS)


def test_ink_can_be_told_from_paper(drawn: list[DrawingStyle]) -> None:
    for style in drawn:
        for ink in (style.ink, style.wall_ink, style.text_ink, style.furniture_ink):
            assert abs(sum(ink) - sum(style.paper)) > 150, style


def test_a_family_can_be_asked_for() -> None:
    for family in FAMILIES:
        assert drawing_style(random.Random(3), family).family == family
