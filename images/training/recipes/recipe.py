"""A recipe: what a run trains on, from what, and with which constants."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from images.training.errors import InputError

FOLDER = Path(__file__).parent
SetName = Literal["plans", "layouts", "dwellings", "buildings"]
"""Labelled plans of a folder; dwellings drawn from an archive of layouts, or from generated ones; drawn buildings."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SetOfPlans(_Strict):
    """How many of a batch's sheets show plans of a set."""

    sheets: Count
    shares: dict[str, Positive] = Field(default_factory=dict)
    """Of labelled plans only: the weight of a plan, by its name up to the first `_`."""


class Recipe(_Strict):
    """The constants of a run."""

    start: Path
    """State dictionary or checkpoint to start from, relative to the repository."""
    sets: dict[SetName, SetOfPlans] = Field(min_length=1)
    steps: Count = 2900
    """Number of steps, unless the run is given seconds."""
    learning_rate: Positive
    final_share: Share = 0.01
    """The learning rate falls along a cosine to this share of itself."""
    warm_up_steps: Count = 100
    weight_decay: float = Field(default=0.01, ge=0)
    gradient_norm: Positive = 10.0
    average: Share = 0.999
    """Weight of the past in the exponential mean of the weights, which is what a run gives."""
    average_warm_up_steps: Count = 300
    outline_gain: float = Field(default=3.0, ge=0)
    distillation: float = Field(default=0.5, ge=0)
    """Weight of the loss against the mean network's output for mirrored sheets."""
    distillation_from: Share = 0.15
    """Share of the run after which this loss begins."""
    gpu_pool_pictures: Count = 20_000
    """This many drawn pictures of each set lie on a GPU, 0.5 MB each; on a CPU fewer (`run.CPU_POOL_PICTURES`)."""

    @property
    def batch(self) -> int:
        """The number of sheets in a step."""
        return sum(set_.sheets for set_ in self.sets.values())

    @model_validator(mode="after")
    def _only_plans_have_shares(self) -> Self:
        for name, set_ in self.sets.items():
            if name != "plans" and set_.shares:
                raise ValueError(f"sets.{name}.shares: only labelled plans have shares")
        return self


def names() -> list[str]:
    """The recipes of this folder."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str) -> Recipe:
    """Reads a recipe of this folder.

    Raises:
        InputError: there is none of this name, or it says something that no recipe may; names the file.
    """
    path = FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise InputError(f"recipe {name!r}: there is none: choose {' or '.join(names())}")
    try:
        return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"{path}: {error}") from error
