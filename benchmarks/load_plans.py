"""The plans that are sent to the servers, and the two forms of a request's body."""

import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.plans import render_plan

MOST_PLANS = 24

# Of these sheets most are not square, and their mean area is about that of 448 x 640 px, as with real plans.
RENDERED_SEED = 38
RENDERED_COUNT = 12
# Longer sides, px: mostly the size that the API's function sends, and some as large as scans.
LONGER_SIDES_PX = (640, 640, 640, 1280, 640, 1754)
# The quality that the function sends to the endpoint.
JPEG_QUALITY = 95
FORMATS = ("JPEG", "PNG")


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """An image file in memory, its media type, and its size in pixels."""

    name: str
    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Body:
    """The body of a request, ready to be sent."""

    content: bytes
    media_type: str


def raw(plan: PlanFile) -> Body:
    """The unchanged file."""
    return Body(content=plan.content, media_type=plan.media_type)


def base64_json(plan: PlanFile) -> Body:
    """The document's form, `{"image": "<base64>"}`."""
    content = json.dumps({"image": base64.b64encode(plan.content).decode()}).encode()
    return Body(content=content, media_type="application/json")


FORMS: Mapping[str, Callable[[PlanFile], Body]] = {"raw": raw, "json": base64_json}


def rendered_plans() -> list[PlanFile]:
    """Plans that `blueprints.rendering` draws, the same on every machine, alternately as JPEG and PNG."""
    plans = []
    for index in range(RENDERED_COUNT):
        image = render_plan(generate, RENDERED_SEED, index).image.convert("RGB")
        scale = LONGER_SIDES_PX[index % len(LONGER_SIDES_PX)] / max(image.size)
        if scale != 1:
            image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
        encoded = io.BytesIO()
        image.save(encoded, FORMATS[index % len(FORMATS)], quality=JPEG_QUALITY)
        plans.append(_plan(f"rendered-{RENDERED_SEED}-{index}", encoded.getvalue()))
    return plans


def plans_of(directory: Path) -> list[PlanFile]:
    """Up to MOST_PLANS plans of a YOLO folder, evenly spaced by name.

    BlueprintError if it has none, or one of them is not an image.
    """
    every = yolo.plans(directory)
    count = min(len(every), MOST_PLANS)
    chosen: Sequence[yolo.LabelledPlan] = [every[index * len(every) // count] for index in range(count)]
    plans = []
    for plan in chosen:
        try:
            plans.append(_plan(plan.name, plan.image.read_bytes()))
        except OSError as error:
            raise BlueprintError(f"{plan.image}: cannot be read as an image: replace it or remove it") from error
    return plans


def _plan(name: str, content: bytes) -> PlanFile:
    with Image.open(io.BytesIO(content)) as image:
        media_type = Image.MIME[image.format or ""]
        return PlanFile(name=name, content=content, media_type=media_type, width=image.width, height=image.height)
