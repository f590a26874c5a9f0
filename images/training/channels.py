"""The plans of the two channels: checked before training, then prepared as the endpoint does it.

Each channel is a YOLO folder (`blueprints.datasets.yolo`), like `training/` and `validation/` in the bucket. A
prepared plan is upright, RGB and no larger than training needs, decoded and scaled as `images.inference` does it.
Ultralytics' own reading, `cv2.imread` and `cv2.INTER_LINEAR`, makes transparent paper black and breaks up thin walls.
"""

import hashlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from blueprints.datasets import yolo
from blueprints.datasets.check import Problem, check_folders
from images.inference import decoding
from images.inference.errors import RequestError
from images.training import progress
from images.training.errors import InputError

LEAST_TRAINING_PLANS = 2
NAMED_PROBLEMS = 3
# PNG's fastest compression: the copies are read once an epoch and kept for one run.
_COMPRESSION = 1


def check(training: Path, validation: Path) -> None:
    """Refuses channels with errors; warnings and all problems are printed on stderr.

    Raises:
        InputError: one line with the number of problems, and the first ones.
    """
    problems = check_folders([training, validation], progress.lines("checking plans"))
    for problem in problems:
        print(f"{problem.severity}: {problem}", file=sys.stderr)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(_summary(errors))
    count = len(yolo.plans(training))
    if count < LEAST_TRAINING_PLANS:
        raise InputError(f"{training}: has {count} plan: training needs at least {LEAST_TRAINING_PLANS}")


def fingerprint(folder: Path) -> str:
    """A SHA-256 that changes with the names, the sizes and the labels of a channel's plans."""
    content = hashlib.sha256()
    for plan in yolo.plans(folder):
        content.update(f"{plan.name}\0{plan.image.stat().st_size}\0".encode() + plan.labels.read_bytes() + b"\0")
    return content.hexdigest()


def prepare(folders: Mapping[str, Path], target: Path, longest_side_px: int, threads: int) -> dict[str, Path]:
    """Writes the plans of every channel to `<target>/<channel>/images` and `labels`; returns the new folders of the
    channels.

    Raises:
        InputError: a plan that the endpoint would refuse, such as one with a side above `pictures.limits.MAX_SIDE_PX`.
    """
    plans = [(target / name, plan) for name, folder in folders.items() for plan in yolo.plans(folder)]
    for name in folders:
        for part in ("images", "labels"):
            (target / name / part).mkdir(parents=True)
    report = progress.lines("preparing plans")
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(_prepare, plan, folder, longest_side_px) for folder, plan in plans]
        try:
            for done, future in enumerate(futures, start=1):
                future.result()
                report(done, len(plans))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return {name: target / name for name in folders}


def _prepare(plan: yolo.LabelledPlan, folder: Path, longest_side_px: int) -> None:
    try:
        image = decoding.decode(plan.image.read_bytes())
    except RequestError as error:
        raise InputError(f"{plan.image}: {error}") from error
    factor = longest_side_px / max(image.size)
    if factor < 1:
        width, height = (max(1, round(side * factor)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    image.save(folder / "images" / f"{plan.name}.png", compress_level=_COMPRESSION)
    shutil.copyfile(plan.labels, folder / "labels" / f"{plan.name}.txt")


def _summary(errors: Sequence[Problem]) -> str:
    named = "; ".join(map(str, errors[:NAMED_PROBLEMS]))
    more = len(errors) - NAMED_PROBLEMS
    count = f"{len(errors)} problem{'s' * (len(errors) > 1)}"
    return f"the plans have {count}: {named}" + (f"; and {more} more, which are in the log" if more > 0 else "")
