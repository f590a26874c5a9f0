"""Summary of a set of labelled plans: figures by split and style, histograms, a contact sheet of plans with boxes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageOps
from rich import box
from rich.table import Table

from blueprints.datasets import channels, yolo
from blueprints.datasets.conversion import Step, upright_size
from blueprints.geometry import Box
from blueprints.lettering import drawable, font
from blueprints.overlay import colour

SMALL_SHARE = 0.01
"""Rooms below this share of the plan's area are missed most by detectors."""

QUANTILES = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}

SHEET_COLUMNS, SHEET_ROWS = 6, 5
CELL_PX = 320
CAPTION_PX = 20
SEED = 0


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """A plan of a set. `size` is that of the upright image in pixels, `boxes` are fractions of it."""

    image: Path
    split: str
    style: str
    size: tuple[int, int]
    boxes: tuple[Box, ...]


def read(directory: Path, step: Step) -> list[PlanFacts]:
    """The plans of a set in YOLO format, or of its channels; BlueprintError at the first broken one."""
    plans = [
        (plan, plan.image.parent.name if part == directory else part.name)
        for part in channels.parts(directory)
        for plan in yolo.plans(part)
    ]
    facts: list[PlanFacts] = []
    for done, (plan, split) in enumerate(plans, start=1):
        facts.append(
            PlanFacts(
                image=plan.image,
                split=split,
                style=style_of(plan.name),
                size=upright_size(plan.image),
                boxes=tuple(yolo.read_labels(plan.labels)),
            )
        )
        step("reading plans", done, len(plans))
    return facts


def style_of(name: str) -> str:
    """The part of a plan's name before the number at its end: `high_quality` of `high_quality_17`; else ""."""
    found = re.fullmatch(r"(.+)_\d+", name)
    return found[1] if found else ""


def as_json(plans: Sequence[PlanFacts]) -> dict[str, Any]:
    """The figures of all plans, and of each style of each split."""
    return {
        "total": _figures(plans),
        "groups": [{"split": a, "style": b, **_figures(of)} for (a, b), of in _groups(plans)],
    }


def as_table(plans: Sequence[PlanFacts]) -> Table:
    """The figures as a table: a row per group and one for all."""
    table = Table(title="Labelled plans: medians (5th-95th percentile)", box=box.SIMPLE, pad_edge=False)
    table.add_column("split", no_wrap=True)
    table.add_column("style", overflow="fold")
    for name in ("plans", "boxes", "a plan", "% of plan", f"< {SMALL_SHARE:.0%}", "px"):
        table.add_column(name, justify="right", overflow="fold")
    for (split, style), of in _groups(plans):
        table.add_row(split, style or "-", *_cells(_figures(of)))
    table.add_section()
    table.add_row("all", "", *_cells(_figures(plans)))
    return table


def write(plans: Sequence[PlanFacts], out: Path, step: Step) -> list[Path]:
    """Write `summary.json`, `histograms.png` and `contact_sheet.png` to a folder. Returns their paths."""
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / "summary.json", out / "histograms.png", out / "contact_sheet.png"]
    writers: tuple[Callable[[Path], object], ...] = (
        lambda path: path.write_text(json.dumps(as_json(plans), indent=2) + "\n", encoding="utf-8"),
        lambda path: histograms(plans).savefig(path, dpi=120),
        lambda path: contact_sheet(plans).save(path),
    )
    for done, (path, write_one) in enumerate(zip(paths, writers, strict=True), start=1):
        write_one(path)
        step("drawing", done, len(paths))
    return paths


def histograms(plans: Sequence[PlanFacts]) -> Figure:
    """Boxes per plan, box sizes, box shapes and image sizes, one colour per split. Agg draws: no display is needed."""
    figure = Figure(figsize=(11, 8), layout="constrained")
    longest = max(max(plan.size) for plan in plans)
    most = max(len(plan.boxes) for plan in plans)
    charts: tuple[tuple[str, Callable[[Sequence[PlanFacts]], Sequence[float]], np.ndarray], ...] = (
        ("boxes a plan", lambda of: [len(plan.boxes) for plan in of], np.arange(most + 2) - 0.5),
        ("box: share of the plan's area", _shares, np.geomspace(1e-5, 1, 51)),
        ("box: width / height", _aspects, np.geomspace(0.05, 20, 51)),
        ("image: longer side, px", lambda of: [max(plan.size) for plan in of], np.linspace(0, longest, 41)),
    )
    splits = dict.fromkeys(plan.split for plan in plans)
    for axis, (title, values_of, bins) in zip(figure.subplots(2, 2).flat, charts, strict=True):
        for split in splits:
            values = values_of([plan for plan in plans if plan.split == split])
            # A bar is a share of its split, whatever its width.
            shares = np.full(len(values), 1 / max(1, len(values)))
            axis.hist(values, bins=bins, weights=shares, histtype="step", label=split)
        axis.set(xlabel=title, ylabel="share", xscale="log" if title.startswith("box:") else "linear")
        axis.legend()
    return figure


def contact_sheet(plans: Sequence[PlanFacts]) -> Image.Image:
    """The `chosen` plans with their boxes, six in a row."""
    shown = chosen(plans)
    rows = -(-len(shown) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (SHEET_COLUMNS * CELL_PX, rows * (CELL_PX + CAPTION_PX)), "white")
    for number, plan in enumerate(shown):
        row, column = divmod(number, SHEET_COLUMNS)
        sheet.paste(_cell(plan), (column * CELL_PX, row * (CELL_PX + CAPTION_PX)))
    return sheet


def chosen(plans: Sequence[PlanFacts]) -> list[PlanFacts]:
    """Up to 30 plans: one of each style of each split in turn, shuffled with a fixed seed."""
    shuffler = random.Random(SEED)
    groups = [shuffler.sample(of, len(of)) for _, of in _groups(plans)]
    turns = [plan for turn in zip_longest(*groups) for plan in turn if plan]
    return turns[: SHEET_COLUMNS * SHEET_ROWS]


def _cell(plan: PlanFacts) -> Image.Image:
    """A plan with its boxes, and below it its split, name and number of boxes."""
    cell = Image.new("RGB", (CELL_PX, CELL_PX + CAPTION_PX), "white")
    draw = ImageDraw.Draw(cell)
    with Image.open(plan.image) as image:
        picture = ImageOps.contain(ImageOps.exif_transpose(image).convert("RGB"), (CELL_PX - 6, CELL_PX - 6))
    left, top = (CELL_PX - picture.width) // 2, (CELL_PX - picture.height) // 2
    cell.paste(picture, (left, top))
    for index, (x0, y0, x1, y1) in enumerate(plan.boxes):
        corners = (
            left + x0 * picture.width,
            top + y0 * picture.height,
            left + x1 * picture.width,
            top + y1 * picture.height,
        )
        draw.rectangle(corners, outline=colour(index), width=2)
    caption = f"{plan.split} {plan.image.stem}: {len(plan.boxes)}"
    draw.text((4, CELL_PX), drawable(caption), fill="black", font=font(13))
    return cell


def _groups(plans: Sequence[PlanFacts]) -> list[tuple[tuple[str, str], list[PlanFacts]]]:
    groups: dict[tuple[str, str], list[PlanFacts]] = {}
    for plan in plans:
        groups.setdefault((plan.split, plan.style), []).append(plan)
    return list(groups.items())


def _figures(plans: Sequence[PlanFacts]) -> dict[str, Any]:
    shares = _shares(plans)
    return {
        "plans": len(plans),
        "boxes": len(shares),
        "plans_without_boxes": sum(not plan.boxes for plan in plans),
        "boxes_per_plan": _quantiles([len(plan.boxes) for plan in plans]),
        "box_share_of_plan": _quantiles(shares),
        "boxes_under_one_percent": sum(share < SMALL_SHARE for share in shares),
        "box_width_to_height": _quantiles(_aspects(plans)),
        "image_width": _quantiles([plan.size[0] for plan in plans]),
        "image_height": _quantiles([plan.size[1] for plan in plans]),
    }


def _shares(plans: Sequence[PlanFacts]) -> list[float]:
    return [(x1 - x0) * (y1 - y0) for plan in plans for x0, y0, x1, y1 in plan.boxes]


def _aspects(plans: Sequence[PlanFacts]) -> list[float]:
    return [(x1 - x0) * plan.size[0] / ((y1 - y0) * plan.size[1]) for plan in plans for x0, y0, x1, y1 in plan.boxes]


def _quantiles(values: Sequence[float]) -> dict[str, float] | None:
    """Quantiles of the values; None without values."""
    return {name: round(float(np.quantile(values, at)), 5) for name, at in QUANTILES.items()} if values else None


def _cells(figures: dict[str, Any]) -> list[str]:
    width, height = figures["image_width"], figures["image_height"]
    return [
        str(figures["plans"]),
        str(figures["boxes"]),
        _range(figures["boxes_per_plan"], 1, ".0f"),
        _range(figures["box_share_of_plan"], 100, ".2g"),
        str(figures["boxes_under_one_percent"]),
        f"{width['median']:.0f} x {height['median']:.0f}",
    ]


def _range(quantiles: dict[str, float] | None, factor: float, form: str) -> str:
    if quantiles is None:
        return "-"
    low, middle, high = (f"{quantiles[name] * factor:{form}}" for name in ("p5", "median", "p95"))
    return f"{middle} ({low}-{high})"
