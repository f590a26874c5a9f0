"""Creates a folder with SageMaker's layout for a training job on this machine: `make train`."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from images.training import hyperparameters
from images.training.contract import PRETRAINED, TRAINING, VALIDATION, RunFolder
from images.training.errors import InputError

TRAINING_SPLITS = ("train", "training")
VALIDATION_SPLITS = ("val", "valid", "validation", "dev")


def lay_out(base: Path, data: Path, pretrained: Path | None, settings: Sequence[str]) -> None:
    """Writes hyperparameters and links channels below `base`; a folder with exactly this layout is left unchanged.

    Args:
        data: has the channels as `training/` and `validation/`, or as splits of one YOLO folder (`images/train`).
        settings: hyperparameters as `name=value`.

    Raises:
        InputError: an unknown layout, a wrong hyperparameter, or a folder that was prepared for something else.
    """
    folder = RunFolder(base=base)
    links = _channels(data) | ({PRETRAINED: pretrained} if pretrained is not None else {})
    for path in links.values():
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    values = _values(settings)
    hyperparameters.parse(dict(values))
    wanted = {
        "hyperparameters": values,
        "channels": {name: str(path.resolve()) for name, path in sorted(links.items())},
    }
    earlier = _laid_out(folder)
    if earlier == wanted:
        return
    if earlier is not None:
        raise InputError(f"{base}: was prepared for a run with {_difference(earlier, wanted)}: give another folder")
    for name, path in links.items():
        link = _link(folder, name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.resolve())
    folder.hyperparameters.parent.mkdir(parents=True, exist_ok=True)
    folder.hyperparameters.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def _channels(data: Path) -> dict[str, Path]:
    if not data.is_dir():
        raise InputError(f"{data}: is not a folder: give one with {TRAINING}/ and {VALIDATION}/, or with images/train")
    if (data / TRAINING).is_dir() and (data / VALIDATION).is_dir():
        return {TRAINING: data / TRAINING, VALIDATION: data / VALIDATION}
    return {TRAINING: _split(data, TRAINING_SPLITS), VALIDATION: _split(data, VALIDATION_SPLITS)}


def _split(data: Path, names: Sequence[str]) -> Path:
    for name in names:
        if (data / "images" / name).is_dir():
            return data / "images" / name
    raise InputError(
        f"{data}: has neither {TRAINING}/ and {VALIDATION}/ nor images/{{{','.join(names)}}}: "
        "python -m blueprints convert splits plans into both"
    )


def _values(settings: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"{setting!r} is not a hyperparameter: give name=value, such as batch_size=8")
        if name in values:
            raise InputError(f"{name} is given twice: {values[name]} and {value}")
        values[name] = value
    return values


def _link(folder: RunFolder, name: str) -> Path:
    channel = folder.base / "input" / "data" / name
    return channel / "weights.pt" if name == PRETRAINED else channel


def _laid_out(folder: RunFolder) -> dict[str, dict[str, str]] | None:
    """The run for which the folder was laid out; None if it was not."""
    if not folder.hyperparameters.is_file():
        return None
    links = {name: _link(folder, name) for name in (PRETRAINED, TRAINING, VALIDATION)}
    return {
        "hyperparameters": json.loads(folder.hyperparameters.read_text(encoding="utf-8")),
        "channels": {name: os.path.realpath(link) for name, link in links.items() if link.is_symlink()},
    }


def _difference(earlier: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]]) -> str:
    """The first value that differs, in its old form: "epochs=3" or "training=/plans/images/train"."""
    for part in ("hyperparameters", "channels"):
        for name in sorted(earlier[part].keys() | wanted[part].keys()):
            if earlier[part].get(name) != wanted[part].get(name):
                return f"{name}={earlier[part].get(name, 'its default')}"
    raise ValueError("the two are equal")
