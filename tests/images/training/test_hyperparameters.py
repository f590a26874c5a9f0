"""Hyperparameters come as strings; what is wrong ends in one line with the name, the value and what is allowed."""

import json
import re
from pathlib import Path

import pytest

from images.training.errors import InputError
from images.training.hyperparameters import Hyperparameters, parse, read
from images.validation_messages import describe
from tests.images.training.training_process import ROOT


def test_strings_become_values():
    read = parse({"epochs": "3", "lr0": "1e-3", "cos_lr": "false", "optimizer": "AdamW", "model_size": "yolov8s.pt"})
    assert (read.epochs, read.lr0, read.cos_lr) == (3, 0.001, False)
    assert (read.optimizer, read.architecture) == ("AdamW", "yolov8s")


def test_without_a_file_the_documents_defaults_hold(tmp_path: Path):
    assert read(tmp_path / "hyperparameters.json") == Hyperparameters()


@pytest.mark.parametrize(
    ("name", "value", "must_be"),
    [
        ("epochs", "0", "an integer from 1 to 10000"),
        ("epochs", "many", "an integer from 1 to 10000"),
        ("img_size", "650", "an integer from 32 to 4096 in steps of 32"),
        ("lr0", "0", "a number above 0 and at most 1"),
        ("lr0", "nan", "a number above 0 and at most 1"),
        ("momentum", "1.5", "a number from 0 to 1"),
        ("cos_lr", "perhaps", "true or false"),
        ("optimizer", "Lion", 'one of "SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSProp", "auto"'),
        ("model_size", "yolov9c.pt", "yolov8n, yolov8s, yolov8m, yolov8l or yolov8x, with .pt or .yaml"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: str, must_be: str):
    with pytest.raises(InputError) as error:
        parse({name: value})
    assert str(error.value) == f"{name}: {json.dumps(value)} is not allowed: must be {must_be}"


def test_an_unknown_name_is_refused_with_the_one_that_was_meant():
    with pytest.raises(InputError, match=r"^epoch is not a hyperparameter: did you mean epochs\?$"):
        parse({"epoch": "3"})


def test_distillation_without_starting_weights_is_refused():
    with pytest.raises(InputError, match=r'^distillation: "0.5" is not allowed: must be 0 if pretrained is false'):
        parse({"distillation": "0.5", "pretrained": "false"})


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("{", r"cannot be read as JSON"),
        ("[1]", "must be an object of hyperparameters"),
        ("\x00", "cannot be read as JSON"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: str, line: str):
    path = tmp_path / "hyperparameters.json"
    path.write_text(content)
    with pytest.raises(InputError, match=line) as error:
        read(path)
    assert str(error.value).startswith(str(path))


def test_the_docs_name_every_hyperparameter_with_its_default_and_its_range():
    page = (ROOT / "docs" / "training.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \| ([^|]*) \|", page, re.MULTILINE)
    assert {name: (default, rule) for name, default, rule in rows} == {
        name: (json.dumps(field.default).strip('"'), describe(field))
        for name, field in Hyperparameters.model_fields.items()
    }
