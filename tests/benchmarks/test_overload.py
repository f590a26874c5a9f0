"""Under more load than it can answer, the real server loses nothing that it accepted."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.load import Answered
from benchmarks.load_plans import PlanFile
from benchmarks.overload import Overload, measure, section

pytestmark = pytest.mark.whole

SAMPLE = Path(__file__).resolve().parents[2] / "blueprints" / "sample.png"
PLAN = PlanFile(name="sample", content=SAMPLE.read_bytes(), media_type="image/png", width=1000, height=1000)


def figures(measured: Overload) -> dict[tuple[str, str], tuple[float, bool | None]]:
    found = section(measured, seconds=10).figures
    return {(figure.name, figure.unit): (figure.median, figure.reached) for figure in found}


def test_what_is_sent_is_answered_refused_or_lost() -> None:
    answers = [Answered(status=status, seconds=1.0) for status in (200, 200, 503, 500, None)]
    found = figures(Overload(capacity_per_second=5, answers=answers, memory_mb=[100, 100, 100, 100, 110]))
    assert found["sent", "requests"][0] == 5
    assert found["answered with rooms", "requests"][0] == 2
    assert found["refused with 503", "requests"][0] == 1
    assert found["lost", "requests"] == (2, False)
    assert found["memory, last fifth by the first", "x"] == (1.1, False)


def test_the_server_loses_nothing_in_a_short_overload() -> None:
    said: list[str] = []
    measured = asyncio.run(measure([PLAN], seconds=1, say=said.append))
    assert len(measured.answers) > 1
    assert figures(measured)["lost", "requests"] == (0, True)
    assert measured.memory_mb
    assert said
