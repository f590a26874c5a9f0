"""The hyperparameters: strings from SageMaker, validated, with the document's values as defaults.

A stage's settings take them from here. Names are the document's; where Ultralytics has another one,
`ultralytics_arguments` translates.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from images.training.errors import InputError
from images.validation_messages import Allowed, phrased

Fraction = Annotated[float, Field(ge=0, le=1)]


class Hyperparameters(BaseModel):
    """Immutable. Values are strings on their way in, as SageMaker has no other; unknown names are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )

    epochs: Annotated[int, Field(ge=1, le=10_000)] = 300
    """Passes over the training plans."""
    batch_size: Annotated[int, Field(ge=1, le=1024)] = 16
    """Plans a step; gradients are summed up to 64 plans in any case."""
    img_size: Annotated[int, Field(ge=32, le=4096, multiple_of=32)] = 640
    """Longest side of a plan in training, px. The endpoint serves at 640."""
    model_size: Annotated[
        str,
        Field(pattern=r"^yolov8[nsmlx]\.(pt|yaml)$"),
        Allowed("yolov8n, yolov8s, yolov8m, yolov8l or yolov8x, with .pt or .yaml"),
    ] = "yolov8n.pt"
    """The architecture; both endings mean the same, `pretrained` says what it starts from."""
    lr0: Annotated[float, Field(gt=0, le=1)] = 0.01
    """Learning rate at the start."""
    lrf: Annotated[float, Field(gt=0, le=1)] = 0.01
    """Learning rate at the end, as a share of `lr0`."""
    cos_lr: bool = True
    """The rate falls along a cosine, else along a line."""
    warmup_epochs: Annotated[float, Field(ge=0, le=1000)] = 3
    """Epochs in which the rate rises to `lr0`."""
    optimizer: Literal["SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSProp", "auto"] = "SGD"
    """`auto` chooses optimizer, rate and momentum itself and ignores `lr0` and `momentum`."""
    momentum: Fraction = 0.937
    """SGD's momentum, beta 1 of the Adam family."""
    weight_decay: Fraction = 0.0005
    """L2 penalty of the weights."""
    box: Annotated[float, Field(ge=0, le=100)] = 7.5
    """Weight of the box loss."""
    cls: Annotated[float, Field(ge=0, le=100)] = 0.5
    """Weight of the class loss."""
    dfl: Annotated[float, Field(ge=0, le=100)] = 1.5
    """Weight of the distribution focal loss of the box edges."""
    patience: Annotated[int, Field(ge=0, le=10_000)] = 50
    """Ends after this many epochs without a better mAP50-95 on the validation plans; 0 never does."""
    single_cls: bool = True
    """Treat all classes as one. The plans may have class 0 alone, so that it changes nothing."""
    pretrained: bool = True
    """Start from weights: those of the channel `pretrained`, or else the packaged ones. Else from random ones."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Of every random choice."""
    workers: Annotated[int, Field(ge=0, le=64)] = 8
    """Processes that load plans; without a GPU none are used."""
    freeze: Annotated[int, Field(ge=0, le=22)] = 0
    """This many of the network's first modules keep their weights; the backbone is the first 10."""
    mosaic: Fraction = 1.0
    """Share of the samples that are put together from four plans."""
    close_mosaic: Annotated[int, Field(ge=0, le=10_000)] = 10
    """No mosaics in this many last epochs."""
    degrees: Annotated[float, Field(ge=0, le=180)] = 0.0
    """Turns plans by up to this many degrees; a turned box is a looser one."""
    translate: Fraction = 0.1
    """Shifts plans by up to this share of their size."""
    scale: Annotated[float, Field(ge=0, le=0.9)] = 0.5
    """Scales plans by up to 1 plus and minus this."""
    fliplr: Fraction = 0.5
    """Share of the plans mirrored left to right."""
    flipud: Fraction = 0.5
    """Share of the plans mirrored top to bottom."""
    hsv_h: Fraction = 0.015
    """Changes hues by up to this share."""
    hsv_s: Fraction = 0.7
    """Changes saturation by up to this share."""
    hsv_v: Fraction = 0.4
    """Changes brightness by up to this share."""
    distillation: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Weight of the loss against what the starting weights find in mirrored plans, beside that against the labels."""

    @field_validator("distillation")
    @classmethod
    def _has_a_teacher(cls, value: float, info: ValidationInfo) -> float:
        if value > 0 and info.data.get("pretrained") is False:
            raise ValueError("0 if pretrained is false: there are no starting weights to learn from")
        return value

    @property
    def architecture(self) -> str:
        """`yolov8n` of `yolov8n.pt`."""
        return self.model_size.partition(".")[0]

    def ultralytics_arguments(self) -> dict[str, Any]:
        """Ultralytics' training arguments under its own names: not where it starts from, nor what is not its own."""
        renamed = {"batch_size": "batch", "img_size": "imgsz"}
        values = self.model_dump(exclude={"model_size", "pretrained", "distillation"})
        return {renamed.get(name, name): value for name, value in values.items()}


def read(path: Path) -> Hyperparameters:
    """Reads SageMaker's `hyperparameters.json`; a missing file means defaults.

    Raises:
        InputError: no JSON object, an unknown name, a value that is not allowed.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        values = {}
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise InputError(f"{path}: must be an object of hyperparameters")
    return parse(values)


def parse(values: dict[str, Any]) -> Hyperparameters:
    """Returns the hyperparameters in `values`, which may be strings.

    Raises:
        InputError: one line with every wrong name and value.
    """
    try:
        return Hyperparameters.model_validate(values)
    except ValidationError as error:
        raise InputError(phrased(error, Hyperparameters, kind="a hyperparameter")) from error


def as_strings(hyperparameters: Hyperparameters) -> dict[str, str]:
    """The hyperparameters in SageMaker's format: strings, `true` and `false` for booleans, `3` for 3.0."""
    return {name: _text(value) for name, value in hyperparameters.model_dump().items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
