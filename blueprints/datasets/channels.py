"""The folders that training reads: two channels, laid out as in the bucket.

`training/images/train/*` with `training/labels/train/*.txt`, `validation/images/val/*` with
`validation/labels/val/*.txt`. A set may also have `test/images/test/*`: it is not a channel and is not uploaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Part = Literal["training", "validation", "test"]

SPLITS: dict[Part, str] = {"training": "train", "validation": "val", "test": "test"}
"""The split of a part, which names its folders below `images` and `labels`."""

CHANNELS: tuple[Part, ...] = ("training", "validation")


def parts(directory: Path) -> list[Path]:
    """The parts of a converted set, or the folder itself if it has none."""
    return [directory / part for part in SPLITS if (directory / part).is_dir()] or [directory]
