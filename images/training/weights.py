# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Ultralytics checkpoints: loaded safely, checked against the run's architecture, published without private data.

Checkpoints are pickles. All are read by `torch.load(weights_only=True)` with Ultralytics' list of known classes
(`ULTRALYTICS_SAFE_LOAD`, set in `offline`): a file that names anything else is refused, not run.
"""

import io
from pathlib import Path
from typing import Any

import torch
from ultralytics.nn.tasks import DetectionModel, load_checkpoint

from images.training import files
from images.training.errors import InputError, one_line

# The branch of the head that scores classes: its shape depends on their number, so it is trained from scratch.
_CLASS_BRANCH = ".cv3."


def load(path: Path) -> tuple[torch.nn.Module, dict[str, Any]]:
    """Returns a checkpoint's network in float32, and the whole content of the checkpoint.

    Raises:
        InputError: no file, or not an Ultralytics checkpoint that can be loaded safely.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file: give an Ultralytics checkpoint")
    try:
        return load_checkpoint(path)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # torch, zipfile, pickle and Ultralytics each raise their own
        raise InputError(
            f"{path}: cannot be loaded safely as weights: give an Ultralytics checkpoint ({one_line(error)[:200]})"
        ) from error


def check_architecture(network: torch.nn.Module, path: Path, architecture: str) -> None:
    """Refuses a network whose weights, except those of the classes, do not all fit `architecture`.

    Raises:
        InputError: names the file and both architectures.
    """
    expected = _shapes(DetectionModel(f"{architecture}.yaml", nc=1, verbose=False))
    if _shapes(network) != expected:
        found = (getattr(network, "yaml", None) or {}).get("yaml_file") or type(network).__name__
        raise InputError(
            f"{path}: is a {Path(found).stem} network, and model_size is {architecture}: "
            "give weights of that architecture, or change model_size"
        )


def starting_checkpoint(channel: Path, packaged: Path) -> Path:
    """Returns the starting weights for `pretrained`: the only checkpoint in `channel` if it exists, else the packaged
    one.

    Raises:
        InputError: several files or none in the channel.
    """
    if not channel.is_dir():
        return packaged
    found = sorted(channel.glob("*.pt"))
    if len(found) != 1:
        raise InputError(f"{channel}: has {len(found)} .pt files: put exactly one there")
    return found[0]


def starting_network(path: Path, architecture: str) -> torch.nn.Module:
    """Returns the network of the checkpoint at `path`.

    Raises:
        InputError: unreadable weights, another architecture.
    """
    network, _ = load(path)
    check_architecture(network, path, architecture)
    return network


def publish(source: Path, target: Path, architecture: str) -> None:
    """Writes the network of a training checkpoint in half precision, for serving and further training.

    Information about the machine is left out: paths, and the repository that it was trained from.
    """
    network, checkpoint = load(source)
    arguments = {**checkpoint["train_args"], "model": f"{architecture}.yaml"}
    arguments |= dict.fromkeys(("data", "project", "name", "save_dir", "device"))
    for name in ("pt_path", "criterion"):
        network.__dict__.pop(name, None)
    network.args = arguments
    network = network.half()
    for parameter in network.parameters():
        parameter.requires_grad = False
    kept = ("date", "version", "license", "docs", "train_metrics", "train_results")
    content = io.BytesIO()
    torch.save(
        {
            **{name: checkpoint[name] for name in kept},
            "epoch": -1,
            "model": network,
            "train_args": arguments,
            **dict.fromkeys(("best_fitness", "stopper", "ema", "updates", "modelopt", "optimizer", "scaler")),
        },
        content,
    )
    files.write(target, content.getvalue())


def _shapes(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items() if _CLASS_BRANCH not in name}
