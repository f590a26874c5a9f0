"""The servers are measured by turns, for real: this one over the shipped weights, the document's over its own."""

import asyncio
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.environments import BenchmarkError
from benchmarks.load_plans import PlanFile, rendered_plans
from benchmarks.servers import DOCUMENT, OURS, Design, Server
from benchmarks.serving import CONTENDERS, Contender, Contest, Measurements, alternating

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def plans() -> list[PlanFile]:
    """A JPEG and a PNG."""
    return rendered_plans()[:2]


def measure(home: Path, plans: list[PlanFile], *contenders: Contender) -> Measurements:
    contest = Contest(plans, home=home, rounds=1, seconds=0.05, say=lambda _: None, contenders=contenders)
    return asyncio.run(contest.measure())


def test_rounds_go_forwards_and_backwards():
    assert list(alternating("abc", 3)) == [["a", "b", "c"], ["c", "b", "a"], ["a", "b", "c"]]


def test_every_server_is_measured_with_each_form_of_request_that_it_takes():
    forms = {(contender.design.name, contender.form) for contender in CONTENDERS}
    assert forms == {(DOCUMENT.name, "json"), *((design.name, form) for design in OURS for form in ("raw", "json"))}


def test_this_server_is_measured_with_both_forms_of_a_request(tmp_path: Path, plans: list[PlanFile]):
    (design, *_) = OURS
    contenders = [Contender(design=design, form=form, clients=(1, 2)) for form in ("raw", "json")]
    found = measure(tmp_path, plans, *contenders)
    server = found.servers[design.name]
    assert server.first_answer_seconds[0] > server.ready_seconds[0] > 0
    assert server.peak_memory_mb > 50
    assert any(name.startswith("openvino==") for name in server.installed_mb)
    assert set(found.levels) == {(one.name, clients) for one in contenders for clients in one.clients}
    for level in found.levels.values():
        assert level.errors == 0
        assert level.requests_per_second[0] > 0
        assert len(level.logged) == len(level.all_latencies_ms), "the server logs each answer"


@pytest.mark.training
@pytest.mark.skipif(not environments.TRAINING.is_file(), reason="the training environment has torch: make test-all")
def test_the_documents_server_finds_the_rooms_that_this_one_finds(tmp_path: Path, plans: list[PlanFile]):
    contenders = [Contender(design=design, form="json", clients=(1,)) for design in (DOCUMENT, OURS[0])]
    found = measure(tmp_path, plans, *contenders)
    assert found.servers[OURS[0].name].same_rooms.right > 0
    assert found.servers[OURS[0].name].same_rooms.f1 == pytest.approx(1, abs=0.1)
    (level, _) = found.levels.values()
    assert level.errors == 0
    assert len(level.logged) == len(level.all_latencies_ms), "Ultralytics says its steps after each prediction"
    assert {"torch", "ultralytics", "flask", "opencv-python", "torchvision"} <= {
        name.partition("==")[0] for name in found.servers[DOCUMENT.name].installed_mb
    }
    assert not any(name.startswith("nvidia-") for name in found.servers[DOCUMENT.name].installed_mb)


def test_a_server_that_does_not_start_is_an_error_with_its_last_words(tmp_path: Path):
    missing = tmp_path / "missing.onnx"
    design = Design(
        name="broken",
        python=OURS[0].python,
        arguments=OURS[0].arguments,
        environment={"MODEL_PATH": str(missing)},
        read_log=OURS[0].read_log,
        requirements=(),
    )

    async def start() -> None:
        async with Server(design, tmp_path):
            pass

    with pytest.raises(BenchmarkError, match=r"server broken ended before it was ready: .*missing\.onnx: no such file"):
        asyncio.run(start())


def test_a_program_that_fails_is_an_error_with_its_last_line(tmp_path: Path):
    with pytest.raises(BenchmarkError, match=r"benchmarks\.installed in .*: .*no-such-thing"):
        environments.run(environments.RUN, "benchmarks.installed", "no-such-thing", home=tmp_path)
