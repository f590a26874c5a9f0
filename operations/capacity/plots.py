"""The report's pictures as small PNG files. matplotlib is imported when the first is drawn, and needs no display."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from components.naming import Inference
from operations.capacity.cases import Case, Result, Variant
from operations.capacity.comparison import Crossing
from operations.capacity.stage import INFERENCES
from operations.capacity.traffic import VOLUMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_INCHES = 8.0
DOTS_PER_INCH = 100
COLOURS = 48


def _case(volume: str, shape: str, inference: Inference, variant: Variant) -> Case:
    return Case(volume=volume, shape=shape, inference=inference, variant=variant)


# The pictures over time: file, title, and cases with their labels.
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
        {inference: _case("100 thousand a month", "burst", inference, "as set") for inference in INFERENCES},
    ),
    "launch.png": (
        "A launch: ten times 1 million a day within minutes; endpoint",
        {
            "as set": _case("1 million a day", "launch", "endpoint", "as set"),
            "as advised for a day": _case("1 million a day", "launch", "endpoint", "as advised"),
            "prepared": _case("1 million a day", "launch", "endpoint", "prepared"),
        },
    ),
}


def draw_costs(
    volumes: np.ndarray, costs: Mapping[Inference, np.ndarray], found: Sequence[Crossing], path: Path
) -> None:
    """Draws the monthly bill of each inference over the plans per month, with the crossing points."""
    with _figure(path, height_inches=6.0) as figure:
        bills, ratios = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        bills.set(title="A month's bill, settings as advised", ylabel="$", xscale="log", yscale="log")
        ratios.set(ylabel="bill over lambda's", xlabel="plans a month", ylim=(0.9, 1.5))
        for inference, dollars in costs.items():
            bills.plot(volumes, dollars, label=inference)
            ratios.plot(volumes, dollars / costs["lambda"])
        for crossing in found:
            if crossing.plans is not None:
                ratio = np.interp(crossing.plans, volumes, costs[crossing.second] / costs["lambda"])
                text = f"endpoint below {crossing.first}\nfrom {float(f'{crossing.plans:.2g}'):,.0f}"
                ratios.plot([crossing.plans], [ratio], marker="o", color="black", linestyle="none")
                ratios.annotate(text, (crossing.plans, ratio), textcoords="offset points", xytext=(-60, 24), fontsize=8)
        for axes in (bills, ratios):
            axes.grid(alpha=0.3)
            for plans in VOLUMES.values():
                axes.axvline(plans, color="grey", linewidth=0.5, linestyle=":")
        bills.legend()


def draw_timelines(results: Mapping[Case, Result], folder: Path) -> None:
    """Draws latency, instances and errors over time for TIMELINES, one file per entry, into an existing folder."""
    for name, (title, cases) in TIMELINES.items():
        with _figure(folder / name, height_inches=6.0) as figure:
            latency, instances, errors = figure.subplots(3, 1, sharex=True)
            latency.set(title=title, ylabel="p95, s", yscale="log", ylim=(0.05, 50))
            instances.set(ylabel="instances, copies")
            errors.set(ylabel="errors a minute", xlabel="hours")
            for label, case in cases.items():
                summary = results[case].summary
                hours = np.arange(len(summary.instances)) / 60
                p95 = [np.nan if seconds is None else seconds for seconds in summary.p95_by_minute]
                latency.plot(hours, p95, label=label, linewidth=1)
                instances.step(hours, summary.instances, linewidth=1)
                errors.plot(hours, summary.errors_by_minute, linewidth=1)
            for axes in (instances, errors):
                axes.set_ylim(bottom=0, top=max(1, axes.get_ylim()[1]))
            for axes in (latency, instances, errors):
                axes.grid(alpha=0.3)
            latency.legend()


@contextmanager
def _figure(path: Path, *, height_inches: float) -> Iterator[Figure]:
    """A figure that is saved with few colours when the context ends without an error."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DOTS_PER_INCH, layout="constrained")
    yield figure
    content = io.BytesIO()
    figure.savefig(content, format="png")
    with Image.open(content) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)
