"""How a server's time is spent, from its log of each request."""

import json
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from images.inference import contract, letterbox

# The line that Ultralytics logs after each prediction.
_SPEED = re.compile(
    r"Speed: ([\d.]+)ms preprocess, ([\d.]+)ms inference, ([\d.]+)ms postprocess per image at shape "
    r"\(1, 3, (\d+), (\d+)\)"
)
FORWARD = "forward"
WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class LoggedRequest:
    """The steps of one answered request in ms by name, in order, and its network input's height and width in pixels.

    `forward` is among the steps. `total_ms` is the whole request within the server, None if it does not log it.
    """

    height: int
    width: int
    steps: Mapping[str, float]
    total_ms: float | None = None


def of_inference_server(log: str) -> Iterator[LoggedRequest]:
    """The requests in the log of `images.inference`; the time outside all steps, in queues, is the step `waiting`."""
    for text in log.splitlines():
        line = json.loads(text) if text.startswith("{") else {}
        if line.get("path") != contract.INVOCATIONS_PATH or line.get("status") != 200:
            continue
        durations = {name.removesuffix("_ms"): value for name, value in line.items() if name.endswith("_ms")}
        total = durations.pop("total")
        box = letterbox.fit(line["image_width"], line["image_height"])
        waiting = max(0.0, total - sum(durations.values()))
        yield LoggedRequest(height=box.height, width=box.width, steps={**durations, WAITING: waiting}, total_ms=total)


def of_ultralytics(log: str) -> Iterator[LoggedRequest]:
    """The requests in the log of a server that predicts with Ultralytics."""
    for match in _SPEED.finditer(log):
        preprocess, forward, postprocess = map(float, match.groups()[:3])
        steps = {"preprocess": preprocess, FORWARD: forward, "postprocess": postprocess}
        yield LoggedRequest(height=int(match[4]), width=int(match[5]), steps=steps)


def medians(requests: Sequence[LoggedRequest], client_ms: float) -> dict[str, float]:
    """The median of each step in ms, and what a client waits beyond them: `client_ms` is its median latency.

    That last step is `http` where the server logs its total, else `rest`: whatever is outside the steps.
    """
    steps = {name: statistics.median(one.steps[name] for one in requests) for name in requests[0].steps}
    totals = [one.total_ms for one in requests if one.total_ms is not None]
    if totals:
        return {**steps, "http": client_ms - statistics.median(totals)}
    return {**steps, "rest": client_ms - sum(steps.values())}
