"""The report: ratios by round against their targets, tables, JSON, a picture."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from benchmarks.figures import Figure
from benchmarks.load import Turn
from benchmarks.load_plans import PlanFile
from benchmarks.processes import Cores
from benchmarks.servers import DOCUMENT, OURS
from benchmarks.serving import CONTENDERS, Level, Measurements, ServerFigures
from benchmarks.serving_plot import draw
from benchmarks.serving_report import ratios, section
from benchmarks.steps import LoggedRequest
from blueprints.scoring.matching import Counts

OURS_RATES, DOCUMENT_RATES = [30.0, 22.0, 33.0], [10.0, 11.0, 10.0]
PLAN = PlanFile(name="plan", content=b"", media_type="image/png", width=640, height=448)


def level(rates: list[float], latency_ms: float) -> Level:
    return Level(
        turns=[
            Turn(requests_per_second=rate, latencies_ms=[latency_ms], all_latencies_ms=[latency_ms], errors=0)
            for rate in rates
        ],
        cores=[Cores(server=1.5, client=0.1, others=0.2)],
        logged=[LoggedRequest(height=448, width=640, steps={"forward": latency_ms / 2}, total_ms=latency_ms - 1)],
    )


@pytest.fixture
def measured() -> Measurements:
    """This server three times as fast as the document's in two of three rounds, and twice in one."""
    servers = {
        design.name: ServerFigures(
            ready_seconds=[1.0],
            first_answer_seconds=[1.1],
            peak_memory_mb=200.0,
            installed_mb={"numpy==1": 70.0, "onnxruntime==1": 80.0},
            same_rooms=Counts(right=9, missed=1, wrong=1),
        )
        for design in (DOCUMENT, *OURS)
    }
    servers[DOCUMENT.name].ready_seconds = [4.0]
    servers[DOCUMENT.name].peak_memory_mb = 500.0
    return Measurements(
        plans=[PLAN],
        contenders=CONTENDERS,
        servers=servers,
        levels={
            (one.name, clients): level(DOCUMENT_RATES, 100.0)
            if one.design is DOCUMENT
            else level(OURS_RATES, 120.0 if clients == 4 else 40.0)
            for one in CONTENDERS
            for clients in one.clients
        },
        gflop={"448x640": 6.0},
        products={"numpy": {"1024": 140.0, "2048": 100.0}, "torch": {"1024": 600.0}},
    )


@pytest.fixture
def figures(measured: Measurements) -> dict[str, Figure]:
    return {figure.name: figure for figure in section(measured, rounds=3, seconds=1).figures}


def test_ratios_are_computed_round_by_round():
    assert ratios(OURS_RATES, DOCUMENT_RATES) == [3.0, 2.0, 3.3]


def test_the_median_rate_of_the_rounds_is_compared_with_the_target(figures: dict[str, Figure]):
    rate = figures["requests/s by the document's, 4 clients: float32, raw"]
    assert (rate.median, rate.at_least, rate.reached) == (3.0, 3.0, True)


def test_targets_are_for_the_servers_own_form_of_request(figures: dict[str, Figure]):
    assert figures["requests/s by the document's, 4 clients: float32, json"].target == ""
    assert "p95 by the document's p50, 4 clients: float32, json" not in figures


def test_the_slowest_answers_are_compared_with_the_documents_median(figures: dict[str, Figure]):
    assert figures["p95 by the document's p50, 1 client: float32, raw"].reached is True
    assert figures["p95 by the document's p50, 4 clients: float32, raw"].reached is False


def test_memory_start_and_size_have_their_targets(figures: dict[str, Figure]):
    reached = {
        name: (figures[f"{name}: float32"].median, figures[f"{name}: float32"].reached)
        for name in ("peak memory by the document's", "start to ready by the document's", "installed requirements")
    }
    assert reached == {
        "peak memory by the document's": (0.4, False),
        "start to ready by the document's": (0.25, True),
        "installed requirements": (150.0, True),
    }


def test_the_forward_pass_is_a_share_of_the_fastest_matrix_product(figures: dict[str, Figure]):
    # 6 GFLOP in 20 ms are 300 GFLOP/s.
    assert figures["forward pass by the fastest matrix product: float32"].median == pytest.approx(50)


def test_tables_and_json_have_every_server_and_every_number_of_clients(measured: Measurements):
    report = section(measured, rounds=3, seconds=1)
    console = Console(file=io.StringIO(), record=True, width=120)
    for table in report.tables:
        console.print(table)
    text = console.export_text()
    for part in ("document, json", "float32, raw", "float32, json", "90.0 %", "forward", "http"):
        assert part in text
    details = json.loads(json.dumps(report.details))
    assert {(one["server"], one["body"], one["clients"]) for one in details["load"]} == {
        (one.design.name, one.form, clients) for one in CONTENDERS for clients in one.clients
    }
    assert details["plans"] == {"count": 1, "shapes": {"448x640": 1}, "mean_gflop": 6.0}


def test_the_picture_is_a_png(measured: Measurements, tmp_path: Path):
    draw(measured, tmp_path / "bench.png")
    with Image.open(tmp_path / "bench.png") as picture:
        assert picture.format == "PNG"
