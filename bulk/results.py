"""A run's results: one JSON line per plan, and pictures of the plans with their rooms drawn on them."""

import hashlib
import json
import os
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blueprints.overlay import draw_rooms, enlarged
from bulk.errors import DETECTOR_ERROR, BulkError, PlanError
from bulk.ledger import Ledger
from images.inference.decoding import decode
from runtime.errors import DetectorError
from runtime.payloads import Room
from runtime.rooms import read_rooms, with_name_hints

RESULTS = "results.jsonl"
PICTURES = "pictures"
PICTURE_SUFFIX = ".rooms.png"

# zlib's level: half the time of Pillow's default of 6, for files that are 3 % larger.
_COMPRESSION = 3
_LONGEST_NAME_BYTES = 255  # the limit for a file name in every file system that matters here


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The outcome of a run. `errors` counts the plans without rooms by code, `left` those not done yet."""

    plans: int
    found: int
    rooms: int
    errors: dict[str, int]
    left: int
    pictures: int
    jobs: int
    results: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def parse_answer(answer: bytes) -> list[Room]:
    """The API's rooms from the detector's answer. Raises PlanError if it is not a valid answer."""
    try:
        rooms = read_rooms(answer)
        size = json.loads(answer)["image"]
        return with_name_hints(rooms, size["width"], size["height"])
    except (DetectorError, TypeError, KeyError) as error:
        raise PlanError(DETECTOR_ERROR, "The detector's answer is not a valid list of rooms.") from error


def picture_path(name: str) -> Path:
    """The path of a plan's picture in the results folder: `pictures/<name>.rooms.png`, where the name keeps its
    extension.

    Plans that differ only in the extension so have different pictures. A part of a name that is too long for a file is
    cut and ends in its hash.
    """
    *folders, file = name.split("/")
    return Path(PICTURES, *(_part(folder) for folder in folders), _part(file, PICTURE_SUFFIX))


def _part(name: str, suffix: str = "") -> str:
    encoded = name.encode("utf-8", "surrogateescape")
    if not name or len(encoded) + len(suffix) > _LONGEST_NAME_BYTES:
        digest = hashlib.sha256(encoded).hexdigest()[:16]
        name = f"{encoded[:200].decode('utf-8', 'ignore')}~{digest}"
    return f"{name}{suffix}"


def draw(content: bytes, rooms: str, path: Path) -> None:
    """Draws a plan's rooms (JSON text) on the plan and writes a PNG; the file is written completely or not at all."""
    picture = draw_rooms(enlarged(decode(content)), json.loads(rooms))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        part = Path(file.name)
    try:
        picture.save(part, format="PNG", compress_level=_COMPRESSION)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_results(ledger: Ledger, folder: Path) -> Summary:
    """Writes `results.jsonl` with every finished plan, replacing an earlier one, and counts.

    A line is `{"plan", "rooms", "image", "page", "picture"}`, with the picture's path only if there is one, or
    `{"plan", "error"}`. Rooms, image, page and error have the API's format.
    """
    found = rooms = pictures = 0
    errors: Counter[str] = Counter()
    path = folder / RESULTS
    part = folder / f".{RESULTS}.part"
    try:
        with part.open("w", encoding="utf-8") as file:
            for outcome in ledger.outcomes():
                line: dict[str, Any] = {"plan": outcome.name}
                if outcome.code is not None:
                    line["error"] = {"code": outcome.code, "message": outcome.message}
                    errors[outcome.code] += 1
                else:
                    line["rooms"] = json.loads(outcome.rooms or "[]")
                    line |= json.loads(outcome.source or "{}")
                    found += 1
                    rooms += len(line["rooms"])
                if outcome.drawn:
                    line["picture"] = picture_path(outcome.name).as_posix()
                    pictures += 1
                file.write(json.dumps(line) + "\n")
        part.replace(path)
    except OSError as error:
        raise BulkError(f"{path}: cannot be written: {os.strerror(error.errno or 0)}") from error
    plans = ledger.counts().plans
    return Summary(
        plans=plans,
        found=found,
        rooms=rooms,
        errors=dict(sorted(errors.items())),
        left=plans - found - errors.total(),
        pictures=pictures,
        jobs=ledger.jobs(),
        results=str(path),
    )
