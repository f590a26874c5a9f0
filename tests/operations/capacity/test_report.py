"""The page in the docs, and the command that writes it."""

import json
import sys
from pathlib import Path

import pytest

from operations.__main__ import main
from operations.capacity import plots, report
from operations.capacity.cases import all_cases
from operations.capacity.measurements import load_measurements
from operations.capacity.page import COMMAND, page
from operations.capacity.plots import TIMELINES
from operations.capacity.prices import load_prices
from operations.capacity.stage import read_stage
from operations.capacity.tables import simulation_tables

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "capacity.md"
MOST_PICTURE_BYTES = 100_000


def without_simulated_rows(text: str) -> list[str]:
    kept, simulated = [], False
    for line in text.splitlines():
        if line.startswith("| plans | inference | p50"):
            simulated = True
        elif not line.startswith("|"):
            simulated = False
        if not simulated or line.startswith(("| plans", "| ---")):
            kept.append(line)
    return kept


@pytest.fixture(scope="module")
def report_of_few_plans() -> report.Report:
    """The report of the stage that the page is about, with the simulations of few plans: the others take too long."""
    few = [case for case in all_cases() if case.volume in {"10 thousand a month", "100 thousand a month"}]
    stage = read_stage("dev", load_measurements(), load_prices())
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(report, "all_cases", lambda: iter(few))
        return report.make_report(stage, progress=lambda done, total: None)


@pytest.mark.whole
def test_the_page_in_the_docs_is_the_one_that_the_stage_makes(report_of_few_plans: report.Report):
    made = page(report_of_few_plans)
    assert without_simulated_rows(PAGE.read_text()) == without_simulated_rows(made), COMMAND


@pytest.mark.whole
def test_the_simulated_rows_of_the_page_can_be_reproduced(report_of_few_plans: report.Report):
    lines = PAGE.read_text().splitlines()
    rows = [
        row
        for table in simulation_tables(report_of_few_plans.results).values()
        for row in table.markdown().splitlines()[2:]
    ]
    assert len(rows) == 9
    assert [row for row in rows if row not in lines] == [], COMMAND


def test_every_picture_of_the_page_is_there_and_small():
    pictures = {line.split("(")[1].rstrip(")") for line in PAGE.read_text().splitlines() if line.startswith("![")}
    assert pictures == {"capacity/cost.png", *(f"capacity/{name}" for name in TIMELINES)}
    assert all((PAGE.parent / picture).stat().st_size < MOST_PICTURE_BYTES for picture in pictures)


def test_every_volume_is_simulated_with_every_shape_and_inference():
    cases = list(all_cases())
    assert len(cases) == len(set(cases)) == 6 * (3 * 3 * 2 + 3 * 3)
    assert {case for _, drawn in TIMELINES.values() for case in drawn.values()} <= set(cases)


def capacity(monkeypatch: pytest.MonkeyPatch, out: Path, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["operations", "capacity", "--out", str(out), *options])
    return main()


@pytest.mark.whole
def test_the_command_prints_the_figures_and_leaves_them_with_their_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FORCE_COLOR", "1")  # bars are drawn on a terminal only
    drawn = {"burst.png": TIMELINES["burst.png"]}
    monkeypatch.setattr(plots, "TIMELINES", drawn)
    monkeypatch.setattr(report, "all_cases", lambda: iter(drawn["burst.png"][1].values()))
    assert capacity(monkeypatch, tmp_path, "--stage", "prod", "--format", "json") == 0
    output = capsys.readouterr()
    assert "simulating" in output.err, "progress"
    document = json.loads(output.out)
    assert document == json.loads((tmp_path / "capacity" / "capacity.json").read_text())
    assert document["stage"] == "prod"
    instance = document["instance"]
    assert instance["recommended_target_invocations_per_minute"] == round(instance["requests_per_second"] * 30)
    assert "api.quotaLimit" in document["volumes"][0]["inferences"]["endpoint"]["limits"][0]["name"], "prod has keys"
    assert [case["inference"] for case in document["simulations"]] == ["endpoint", "serverless", "lambda"]
    for name in ("cost.png", *drawn):
        assert (tmp_path / "capacity" / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--stage", "nowhere"], "stage 'nowhere' has no file Pulumi.nowhere.yaml"),
        (["--stage", "dev", "--measurements", "no.yaml"], "no.yaml: No such file or directory"),
    ],
)
def test_a_figure_that_cannot_be_computed_is_one_line_and_leaves_nothing(
    options: list[str],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    assert capacity(monkeypatch, tmp_path / "out", *options) == 2
    output = capsys.readouterr()
    assert output.err.startswith("capacity: ")
    assert output.err.count("\n") == 1
    assert problem in output.err
    assert not (tmp_path / "out").exists()
