"""The recipes of the repository can be read, and what is wrong in one is named."""

from pathlib import Path

import pytest

from images.training.errors import InputError
from images.training.recipes import recipe


@pytest.mark.parametrize("name", recipe.names())
def test_a_recipe_of_the_repository_is_whole(name: str):
    assert recipe.load(name).batch == 64


def test_the_clean_recipe_trains_on_nothing_but_drawn_plans():
    clean = recipe.load("clean")
    assert set(clean.sets) == {"dwellings", "buildings"}


def test_an_unknown_recipe_is_answered_with_those_there_are():
    with pytest.raises(InputError, match="'bset': there is none: choose best or clean"):
        recipe.load("bset")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("start: a.pt\nsets: {plans: {sheets: 1}}\nlearning_rate: 0.1\nlerning: 1\n", "lerning"),
        ("start: a.pt\nsets: {houses: {sheets: 1}}\nlearning_rate: 0.1\n", "houses"),
        ("start: a.pt\nsets: {buildings: {sheets: 1, shares: {a: 1}}}\nlearning_rate: 0.1\n", "only labelled plans"),
        ("start: a.pt\nsets: {}\nlearning_rate: 0.1\n", "sets"),
        ("start: [\n", "own.yaml"),
    ],
    ids=["unknown constant", "unknown set", "shares of drawn plans", "no set", "not YAML"],
)
def test_what_is_wrong_in_a_recipe_is_named(text: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "own.yaml").write_text(text)
    monkeypatch.setattr(recipe, "FOLDER", tmp_path)
    with pytest.raises(InputError, match=named):
        recipe.load("own")
