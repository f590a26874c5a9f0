# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""A recipe's run: its weights, its record, and going on from where it was ended."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from images.training.contract import PACKAGED_WEIGHTS
from images.training.recipes import __main__ as command
from images.training.recipes import network, run
from images.training.recipes.recipe import Recipe, SetOfPlans

RECIPE = Recipe(
    start=PACKAGED_WEIGHTS,
    sets={"plans": SetOfPlans(sheets=1), "dwellings": SetOfPlans(sheets=1)},
    learning_rate=0.001,
    distillation_from=0.0,
    warm_up_steps=1,
)


def _train(plans: Path, out: Path, steps: int) -> dict[str, Any]:
    paths = run.Paths(start=PACKAGED_WEIGHTS, plans=plans, layouts=None, drawn=out / "drawn", out=out)
    length = run.Length(steps=steps, seconds=None, schedule_seconds=None)
    run.run("own", RECIPE, paths, length, processes=1, seed=5)
    return json.loads((out / "own.json").read_text())


def test_a_run_writes_weights_with_their_record_and_goes_on_from_itself(plans: Path, tmp_path: Path):
    record = _train(plans / "training", tmp_path, steps=2)
    assert record["steps"] == 2
    assert record["seed"] == 5
    assert record["start_sha256"]
    assert record["plans_sha256"]
    assert record["drawn_pictures"]["dwellings"] >= 48
    first = network.load(tmp_path / "own.pt")
    fresh = network.build()
    assert network.start_from(fresh, first) == []
    record = _train(plans / "training", tmp_path, steps=3)
    assert record["steps"] == 3
    assert [row["step"] for row in record["log"]] == [1, 3]
    assert record["drawn_pictures"]["dwellings"] >= 96
    second = network.load(tmp_path / "own.pt")
    assert not torch.equal(first["model.22.cv2.0.2.weight"], second["model.22.cv2.0.2.weight"])


def test_a_run_that_diverges_keeps_no_state_to_go_on_from(plans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "LOG_STEPS", 2)
    diverging = RECIPE.model_copy(
        update={"sets": {"plans": SetOfPlans(sheets=1)}, "learning_rate": 1e30, "gradient_norm": 1e30}
    )
    paths = run.Paths(start=PACKAGED_WEIGHTS, plans=plans / "training", layouts=None, drawn=tmp_path, out=tmp_path)
    length = run.Length(steps=9, seconds=None, schedule_seconds=None)
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        run.run("own", diverging, paths, length, processes=1, seed=5)
    assert not (tmp_path / "own.state").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none"], "recipe 'none': there is none: choose best or clean"),
        (["best"], "recipe 'best' trains on plans: give --plans"),
        (["best", "--plans", "here"], "recipe 'best' trains on layouts: give --layouts"),
        (["clean", "--start", "nowhere.pt"], "nowhere.pt: no such file"),
    ],
    ids=["unknown recipe", "no plans", "no layouts", "no start"],
)
def test_what_is_missing_is_said_in_one_line(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert command.main([*arguments, "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert says in error
    assert error.count("\n") == 1
