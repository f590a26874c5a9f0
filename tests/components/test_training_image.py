"""What a training job gives the training image is what the image takes, and what it prints is what the job reads."""

from typing import Any

import pytest
from pydantic import BaseModel

from components.naming import TRAINING_PREFIX, VALIDATION_PREFIX
from components.settings.groups import Hyperparameters
from components.training import METRICS, hyperparameter_strings
from images.training import hyperparameters
from images.training.contract import METRIC_LINES, TRAINING, VALIDATION


def rules(model: type[BaseModel], name: str, key: str) -> dict[str, Any]:
    """A field's type, default and limits, without what is only said about it."""
    rule = model.model_json_schema()["properties"][key]
    return {word: value for word, value in rule.items() if word not in ("title", "description")} | {"name": name}


@pytest.mark.parametrize("name", Hyperparameters.model_fields)
def test_a_setting_has_the_default_and_the_range_of_its_hyperparameter(name: str) -> None:
    alias = str(Hyperparameters.model_fields[name].alias)
    assert rules(Hyperparameters, name, alias) == rules(hyperparameters.Hyperparameters, name, name)


def test_the_strings_of_a_job_are_read_as_the_values_that_were_set() -> None:
    settings = Hyperparameters(epochs=7, lr0=0.0123, cos_lr=False, warmup_epochs=2, optimizer="AdamW")
    read = hyperparameters.parse(dict(hyperparameter_strings(settings)))
    assert {name: getattr(read, name) for name in Hyperparameters.model_fields} == settings.model_dump()


def test_every_metric_of_the_job_is_printed() -> None:
    assert tuple(METRIC_LINES) == METRICS


def test_the_channels_are_the_folders_of_the_bucket() -> None:
    assert (f"{TRAINING}/", f"{VALIDATION}/") == (TRAINING_PREFIX, VALIDATION_PREFIX)
