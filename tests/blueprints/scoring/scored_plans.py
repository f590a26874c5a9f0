"""Plans with predictions that the tests make up."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.geometry import Box
from blueprints.scoring.detection_metrics import ScoredPlan

LEFT: Box = (0.0, 0.0, 0.4, 1.0)
RIGHT: Box = (0.6, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Predicted:
    box: Box
    confidence: float = 0.9


def plan(
    truth: Sequence[Box], predictions: Sequence[Predicted], *, name: str = "house", style: str = "drawn"
) -> ScoredPlan:
    return ScoredPlan(
        name=name, style=style, width_px=800, height_px=600, truth=tuple(truth), predictions=tuple(predictions)
    )
