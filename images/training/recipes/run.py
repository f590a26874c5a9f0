# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""The loop: composes sheets, trains on them, and keeps an average of the weights."""

import copy
import hashlib
import io
import json
import math
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from blueprints.datasets import yolo
from images.training import files
from images.training.distillation import MIRRORINGS, mirrored_back
from images.training.recipes import colours, composition, losses, network
from images.training.recipes.composition import Arrangement, Sheets
from images.training.recipes.drawn import Drawing
from images.training.recipes.plans import Plans, Pool, read_folder
from images.training.recipes.recipe import Recipe
from images.training.recipes.room_map import SIDE_PX

LOG_STEPS = 50
STATE_SECONDS = 300.0
"""A run is kept this often, to go on from."""
CPU_POOL_PICTURES = 3_000
_READ_STEPS = 10
_SHARDS_AT_ONCE = 2
_SHARDS_AT_START = 150
_GAINS = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)  # Ultralytics' defaults for YOLOv8
_LABELLED = Arrangement(
    four_share=0.25, enlarged_share=0.15, scale=(0.72, 1.03), enlarged_scale=(1.05, 1.7), four_scale=(0.34, 0.52)
)
# Drawn pictures show several plans or a part by themselves.
_DRAWN = Arrangement(enlarged_share=0.1, scale=(0.9, 1.02), enlarged_scale=(1.02, 1.3))


@dataclass(frozen=True, kw_only=True)
class Paths:
    """What a run reads and writes. `plans` and `layouts` are needed if the recipe has these sets."""

    start: Path
    plans: Path | None
    layouts: Path | None
    drawn: Path
    """Folder for drawn shards, some gigabytes."""
    out: Path


@dataclass(frozen=True, kw_only=True)
class Length:
    """When a run ends.

    With `seconds`, the learning rate falls along `schedule_seconds`, which several runs that go on from each other may
    share; else it falls along the recipe's steps.
    """

    steps: int
    seconds: float | None
    schedule_seconds: float | None


def run(name: str, recipe: Recipe, paths: Paths, length: Length, *, processes: int, seed: int) -> None:
    """Trains, and writes `<name>.pt` (the mean weights), `<name>.json` (how they were made) and `<name>.state`.

    An existing `<name>.state` is gone on from. `processes` draw plans for each set that is drawn.

    Raises:
        FloatingPointError: the gradient is not finite; the state before it is kept.
        ChildProcessError: a process that draws has ended.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    paths.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as drawing:
        record = _record(name, recipe, paths, seed, device)
        training = _Training(name, recipe, paths, length, device, seed)
        drawers = [
            drawing.enter_context(Drawing(set_, paths.layouts, paths.drawn / set_, processes, seed + already))
            for set_, already in training.drawn_pictures().items()
        ]
        training.wait_for_plans(drawers)
        _say(f"{name}: begins on {record['device']}")
        try:
            while not training.is_over():
                training.step()
                for drawer in drawers:
                    drawer.check()
        except FloatingPointError:
            raise
        except BaseException:
            training.keep(record)
            raise
        training.keep(record)


class _Training:
    def __init__(
        self, name: str, recipe: Recipe, paths: Paths, length: Length, device: torch.device, seed: int
    ) -> None:
        torch.manual_seed(seed)
        self._name, self._recipe, self._paths, self._length, self._device = name, recipe, paths, length, device
        model = network.build()
        missing = network.start_from(model, network.load(paths.start))
        _say(f"{name}: starts from {paths.start}; at random: {len(missing)} tensors")
        model.args = SimpleNamespace(**vars(_GAINS))
        self._model = model.to(device, memory_format=torch.channels_last).train()
        for parameter_name, parameter in model.named_parameters():
            parameter.requires_grad = ".dfl." not in parameter_name
        self._mean = copy.deepcopy(model).eval().requires_grad_(False)
        self._loss = losses.RoomLoss(model)
        self._optimizer = _optimizer(model, recipe, device)
        self._strides = [int(stride) for stride in model.stride]
        self._step, self._seconds_before = 0, 0.0
        self._drawn_before: dict[str, int] = {}
        self._log: list[dict[str, Any]] = []
        self._go_on()
        self._first_step = self._step
        torch.manual_seed(seed + self._step)
        self._pools: dict[str, Pool] = {}
        self._sets: list[tuple[Plans, int, Arrangement]] = []
        capacity = recipe.gpu_pool_pictures if device.type == "cuda" else CPU_POOL_PICTURES
        for set_, chosen in recipe.sets.items():
            if set_ == "plans":
                assert paths.plans is not None
                plans = read_folder(paths.plans, chosen.shares, device)
                self._sets.append((plans, chosen.sheets, _LABELLED))
            else:
                pool = self._pools[set_] = Pool(paths.drawn / set_, capacity, device)
                self._sets.append((pool.plans, chosen.sheets, _DRAWN))
        self._sums, self._summed = torch.zeros(6, device=device), 0
        self._begin = self._logged = self._kept = time.monotonic()

    def drawn_pictures(self) -> dict[str, int]:
        """How many pictures of each drawn set were read, in all calls of this run."""
        return {name: self._drawn_before.get(name, 0) + pool.count for name, pool in self._pools.items()}

    def wait_for_plans(self, drawers: list[Drawing]) -> None:
        while any(pool.count == 0 for pool in self._pools.values()):
            for pool in self._pools.values():
                pool.read(_SHARDS_AT_START)
            for drawer in drawers:
                drawer.check()
            time.sleep(0.5)
        self._begin = self._logged = self._kept = time.monotonic()

    def is_over(self) -> bool:
        seconds = self._length.seconds
        if seconds is not None and time.monotonic() - self._begin >= seconds:
            return True
        return self._progress() >= 1

    def step(self) -> None:
        recipe, device = self._recipe, self._device
        progress = self._progress()
        warm_up = min(1.0, (self._step - self._first_step + 1) / recipe.warm_up_steps)
        falling = recipe.final_share + (1 - recipe.final_share) * 0.5 * (1 + math.cos(math.pi * progress))
        rate = recipe.learning_rate * falling * warm_up
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        if self._step % _READ_STEPS == 0:
            for pool in self._pools.values():
                pool.read(_SHARDS_AT_ONCE)
        with torch.no_grad():
            sheets = composition.join([composition.compose(*chosen) for chosen in self._sets])
            images = self._input(colours.change(sheets.pixels))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            taught = self._taught(sheets) if recipe.distillation and progress > recipe.distillation_from else None
            found = losses.in_float32(self._model(images))
        with torch.autocast(device.type, enabled=False):
            loss, parts = self._loss.of_sheets(found, sheets, recipe.outline_gain)
            against = torch.zeros((), device=device) if taught is None else self._loss.of_taught(found, taught)
        (loss + recipe.distillation * against).backward()
        norm = nn.utils.clip_grad_norm_(self._model.parameters(), recipe.gradient_norm)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._step += 1
        self._average()
        self._sums += torch.stack([*parts, against.detach(), norm])
        self._summed += 1
        is_due = time.monotonic() - self._kept > STATE_SECONDS
        if is_due or self._summed == LOG_STEPS or self._step - self._first_step == 1:
            self._write_log(rate)
        if is_due:  # after the log, which ends a run that diverges
            self._keep_state()

    def keep(self, record: dict[str, Any]) -> None:
        """Writes the mean weights, the state to go on from, and how they were made."""
        network.save(self._mean, self._paths.out / f"{self._name}.pt")
        self._keep_state()
        record |= {
            "steps": self._step,
            "seconds": round(self._seconds(), 1),
            "drawn_pictures": self.drawn_pictures(),
            "log": self._log,
        }
        files.write(self._paths.out / f"{self._name}.json", json.dumps(record, indent=1).encode())
        _say(f"{self._name}: {self._step} steps in {self._seconds():.0f} s")

    def _progress(self) -> float:
        if self._length.schedule_seconds is not None:
            return self._seconds() / self._length.schedule_seconds
        return self._step / self._length.steps

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._begin

    def _input(self, pixels: torch.Tensor) -> torch.Tensor:
        dtype = torch.bfloat16 if self._device.type == "cuda" else torch.float32
        return (pixels / 255).to(dtype).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def _taught(self, sheets: Sheets) -> torch.Tensor:
        """What the mean network finds on the mirrored sheets, mapped back."""
        axes = MIRRORINGS[self._step % len(MIRRORINGS)]
        output = self._mean(self._input(sheets.pixels.flip(axes)))[0][:, :5].float()
        return mirrored_back(output, axes, sides_px=(SIDE_PX, SIDE_PX), strides_px=self._strides)

    @torch.no_grad()
    def _average(self) -> None:
        past = self._recipe.average * (1 - math.exp(-self._step / self._recipe.average_warm_up_steps))
        ours, theirs = (
            [value for value in net.state_dict().values() if value.is_floating_point()]
            for net in (self._mean, self._model)
        )
        torch._foreach_lerp_(ours, theirs, 1 - past)

    def _write_log(self, rate: float) -> None:
        now = time.monotonic()
        means = (self._sums / self._summed).tolist()
        row = {
            "step": self._step,
            "seconds": round(self._seconds(), 1),
            "learning_rate": float(f"{rate:.3g}"),
            "sheets_per_second": round(self._summed * self._recipe.batch / (now - self._logged), 1),
            **{
                name: round(value, 4)
                for name, value in zip(("box", "cls", "dfl", "outline", "taught", "norm"), means, strict=True)
            },
            **self.drawn_pictures(),
        }
        self._log.append(row)
        _say(f"{self._name}: {json.dumps(row)}")
        if not math.isfinite(row["norm"]):
            raise FloatingPointError(f"step {self._step}: the gradient is not finite: lower the learning rate")
        self._sums.zero_()
        self._summed, self._logged = 0, now

    def _keep_state(self) -> None:
        state = {
            "model": self._model.state_dict(),
            "mean": self._mean.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self._step,
            "seconds": self._seconds(),
            "drawn_pictures": self.drawn_pictures(),
            "log": self._log,
        }
        content = io.BytesIO()
        torch.save(state, content)
        files.write(self._state_path, content.getvalue())
        self._kept = time.monotonic()

    def _go_on(self) -> None:
        if not self._state_path.is_file():
            return
        state = torch.load(self._state_path, map_location=self._device, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._mean.load_state_dict(state["mean"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._step, self._seconds_before = state["step"], state["seconds"]
        self._drawn_before, self._log = state["drawn_pictures"], state["log"]
        _say(f"{self._name}: goes on after {self._step} steps and {self._seconds_before:.0f} s")

    @property
    def _state_path(self) -> Path:
        return self._paths.out / f"{self._name}.state"


def _optimizer(model: nn.Module, recipe: Recipe, device: torch.device) -> torch.optim.Optimizer:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=device.type == "cuda")


def _record(name: str, recipe: Recipe, paths: Paths, seed: int, device: torch.device) -> dict[str, Any]:
    """What the weights were made from, and where."""
    return {
        "recipe": name,
        **recipe.model_dump(mode="json"),
        "start": paths.start.name,
        "seed": seed,
        "start_sha256": _sha256(paths.start),
        "plans_sha256": _plans_sha256(paths.plans) if "plans" in recipe.sets and paths.plans else None,
        "layouts_sha256": _sha256(paths.layouts) if "layouts" in recipe.sets and paths.layouts else None,
        "device": torch.cuda.get_device_name() if device.type == "cuda" else f"{torch.get_num_threads()} threads",
        "torch": torch.__version__,
    }


def _plans_sha256(folder: Path) -> str:
    """The hash of the hashes of a folder's images and labels, in the order of the plans."""
    digest = hashlib.sha256()
    for plan in yolo.plans(folder):
        for path in (plan.image, plan.labels):
            digest.update(bytes.fromhex(_sha256(path)))
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
