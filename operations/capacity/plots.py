"""The report's pictures as small PNG files. matplotlib is imported when the first is drawn, and needs no display."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from operations.capacity.cases import Case, Result, Variant
from operations.capacity.comparison import Crossing
from operations.capacity.stage import MODES, Mode
from operations.capacity.traffic import VOLUMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_INCHES = 8.0
DOTS_PER_INCH = 100
COLOURS = 48


def _case(volume: str, shape: str, mode: Mode, variant: Variant) -> Case:
    return Case(volume=volume, shape=shape, mode=mode, variant=variant)


# What is drawn over time: file, title, and cases with their labels.
TIMELINES: Mapping[str, tuple[str, Mapping[str, Case]]] = {
    "daily.png": (
        "A day, 1 million plans: endpoint",
        {
            "as set": _case("1 million a day", "daily", "endpoint", "as set"),
            "as advised": _case("1 million a day", "daily", "endpoint", "as advised"),
        },
    ),
    "burst.png": (
        "An office sends 500 plans at once, 100 thousand a month otherwise; as set",
        {mode: _case("100 thousand a month", "burst", mode, "as set") for mode in MODES},
    ),
    "launch.png": (
        "A launch: ten times 1 million a day within minutes; endpoint",
        {
            "as set": _case("1 million a day", "launch", "endpoint", "as set"),
            "as advised": _case("1 million a day", "launch", "endpoint", "as advised"),
        },
    ),
}


def draw_costs(volumes: np.ndarray, costs: Mapping[Mode, np.ndarray], found: Sequence[Crossing], path: Path) -> None:
    """A month's bill of each mode over the plans of the month, with the crossing points."""
    with _figure(path, height_inches=4.5) as figure:
        axes = figure.add_subplot(
            title="A month's bill, settings as advised", xlabel="plans a month", ylabel="$", xscale="log", yscale="log"
        )
        for mode, dollars in costs.items():
            axes.plot(volumes, dollars, label=mode)
        for crossing in found:
            if crossing.plans is not None:
                dollars = np.interp(crossing.plans, volumes, costs[crossing.second])
                axes.plot([crossing.plans], [dollars], marker="o", color="black", linestyle="none")
                text = f"endpoint below {crossing.first}\nfrom {float(f'{crossing.plans:.2g}'):,.0f}"
                axes.annotate(text, (crossing.plans, dollars), textcoords="offset points", xytext=(-120, 4), fontsize=8)
        for plans in VOLUMES.values():
            axes.axvline(plans, color="grey", linewidth=0.5, linestyle=":")
        axes.grid(alpha=0.3)
        axes.legend()


def draw_timelines(results: Mapping[Case, Result], folder: Path) -> None:
    """Latency, instances and errors over time of the cases of TIMELINES, a file each, into a folder that exists."""
    for name, (title, cases) in TIMELINES.items():
        with _figure(folder / name, height_inches=6.0) as figure:
            latency, instances, errors = figure.subplots(3, 1, sharex=True)
            latency.set(title=title, ylabel="p95, s", yscale="log")
            instances.set(ylabel="instances, copies")
            errors.set(ylabel="errors a minute", xlabel="hours")
            for label, case in cases.items():
                summary = results[case].summary
                hours = np.arange(len(summary.instances)) / 60
                p95 = [np.nan if seconds is None else seconds for seconds in summary.p95_by_minute]
                latency.plot(hours, p95, label=label, linewidth=1)
                instances.step(hours, summary.instances, linewidth=1)
                errors.plot(hours, summary.errors_by_minute, linewidth=1)
            for axes in (latency, instances, errors):
                axes.grid(alpha=0.3)
            latency.legend()


@contextmanager
def _figure(path: Path, *, height_inches: float) -> Iterator[Figure]:
    """A figure that is saved with few colours when the context ends well."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DOTS_PER_INCH, layout="constrained")
    yield figure
    content = io.BytesIO()
    figure.savefig(content, format="png")
    with Image.open(content) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)
