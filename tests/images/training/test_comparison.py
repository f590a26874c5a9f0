"""New weights replace the deployed ones only where they are better on the validation channel."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprints.scoring.detection_metrics import DetectionMetrics
from images.training.comparison import Rule, main
from tests.images.inference.onnx_files import constant_model, identity_model
from tests.images.inference.server_process import WEIGHTS
from tests.images.training.labelled_plans import TRUE_BOXES, add_plan


def detector(rooms: int) -> bytes:
    """Weights that find this many of the validation plan's three rooms exactly."""
    exact = [
        (640 * (x0 + x1) / 2, 480 * (y0 + y1) / 2, 640 * (x1 - x0), 480 * (y1 - y0), 0.9)
        for x0, y0, x1, y1 in TRUE_BOXES
    ]
    unsure = (10, 10, 5, 5, 0.01)
    return constant_model([*exact[:rooms], unsure])


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A job's folder with two equal models and one validation plan."""
    for name in ("candidate", "deployed"):
        write_archive(tmp_path / "input" / name / "model.tar.gz", {"best.onnx": detector(3)})
    add_plan(tmp_path / "input" / "validation", "house")
    return tmp_path


def write_archive(path: Path, files: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def run(job: Path, *arguments: str) -> int:
    places = ["--input", str(job / "input"), "--output", str(job / "output"), "--message", str(job / "message")]
    return main([*places, *arguments])


def fails(job: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of a comparison that cannot be made, which is the job's message as well."""
    assert run(job) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert (job / "message").read_text() == line
    assert not (job / "output").exists()
    return line


def metrics(map50_95: float | None, precision: float | None = 0.8, recall: float | None = 0.8) -> DetectionMetrics:
    return DetectionMetrics(
        plans=10,
        rooms=100,
        map50=map50_95,
        map50_95=map50_95,
        average_recall=map50_95,
        confidence_threshold=0.25,
        precision=precision,
        recall=recall,
        duplicates=0,
        recall_by_size=(),
    )


@pytest.mark.parametrize(
    ("candidate", "better", "reason"),
    [
        (metrics(0.71), True, "mAP50-95 0.7000 -> 0.7100"),
        (metrics(0.70), False, "0.7000 -> 0.7000: must be higher"),
        (metrics(0.69, 0.9, 0.9), False, "0.7000 -> 0.6900: must be higher"),
        (metrics(0.71, 0.795, 0.795), True, "0.7100"),
        (metrics(0.71, precision=0.78), False, "but precision 0.8000 -> 0.7800 at confidence 0.25: must not be lower"),
        (metrics(0.71, recall=0.78), False, "but recall 0.8000 -> 0.7800"),
        (metrics(0.71, precision=None, recall=0), False, "but precision 0.8000 -> 0.0000"),
    ],
    ids=["better", "equal", "worse", "within the tolerance", "less precise", "finds less", "finds nothing"],
)
def test_better_is_a_higher_map_without_a_loss_at_the_served_threshold(
    candidate: DetectionMetrics, better: bool, reason: str
):
    decided, sentence = Rule(margin=0, tolerance=0.01).decide(candidate, metrics(0.70))
    assert decided is better
    assert reason in sentence


def test_a_margin_asks_for_more_than_any_gain():
    rule = Rule(margin=0.02, tolerance=0.01)
    assert rule.decide(metrics(0.73), metrics(0.70))[0]
    decided, sentence = rule.decide(metrics(0.71), metrics(0.70))
    assert not decided
    assert sentence == "mAP50-95 0.7000 -> 0.7100: must be higher by 0.02 or more"


def test_any_precision_is_enough_if_the_deployed_model_finds_nothing():
    assert Rule(margin=0, tolerance=0).decide(metrics(0.5, 0.1, 0.1), metrics(0.0, None, 0))[0]


def test_the_same_weights_are_not_better_than_themselves(job: Path, capsys: pytest.CaptureFixture[str]):
    assert run(job) == 0
    result = json.loads((job / "output" / "comparison.json").read_text())
    assert result["better"] is False
    assert result["candidate"] == result["deployed"]
    assert (result["candidate"]["plans"], result["candidate"]["rooms"], result["candidate"]["recall"]) == (1, 3, 1)
    assert json.loads(capsys.readouterr().out) == {"better": False, "reason": result["reason"]}
    assert [path.name for path in (job / "output").iterdir()] == ["comparison.json"]
    assert not (job / "message").exists()


@pytest.mark.parametrize(("found", "better"), [(0, True), (2, True), (3, False)])
def test_weights_are_measured_on_the_plans_themselves(job: Path, found: int, better: bool):
    write_archive(job / "input" / "deployed" / "model.tar.gz", {"best.onnx": detector(found)})
    assert run(job) == 0
    result = json.loads((job / "output" / "comparison.json").read_text())
    assert result["better"] is better, result["reason"]
    assert result["deployed"]["recall"] == pytest.approx(found / 3)
    assert result["deployed"]["precision"] == (1 if found else None)
    assert result["candidate"]["map50"] == pytest.approx(1)


def test_the_shipped_weights_can_be_compared(job: Path):
    shipped = {"best.onnx": WEIGHTS.read_bytes()}
    write_archive(job / "input" / "candidate" / "model.tar.gz", shipped)
    write_archive(job / "input" / "deployed" / "model.tar.gz", {"best.onnx": detector(1)})
    assert run(job) == 0
    result = json.loads((job / "output" / "comparison.json").read_text())
    assert result["better"] is True
    assert (result["candidate"]["precision"], result["candidate"]["recall"]) == (1, 1)


def test_an_archive_of_a_training_run_has_more_in_it(job: Path):
    write_archive(
        job / "input" / "candidate" / "model.tar.gz", {"./best.pt": b"x", "./last.pt": b"x", "./best.onnx": detector(3)}
    )
    assert run(job) == 0


def test_nothing_is_unpacked_but_the_weights(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    files = {"../escaped": b"x", "/tmp/../escaped": b"x", "evil.py": b"x", "best.onnx": detector(3)}
    write_archive(job / "input" / "candidate" / "model.tar.gz", files)
    assert run(job) == 0
    assert list(temporary.iterdir()) == []
    assert not list(tmp_path.rglob("escaped"))


def _missing(path: Path) -> None:
    path.unlink()


def _no_archive(path: Path) -> None:
    path.write_bytes(b"no archive")


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _without_model(path: Path) -> None:
    write_archive(path, {"best.pt": b"x"})


def _model_outside(path: Path) -> None:
    write_archive(path, {"../best.onnx": detector(3), "../../best.onnx": detector(3)})


def _linked_model(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("best.onnx")
        entry.type, entry.linkname = tarfile.SYMTYPE, str(WEIGHTS)
        archive.addfile(entry)


def _no_weights(path: Path) -> None:
    write_archive(path, {"best.onnx": b"no weights"})


def _other_weights(path: Path) -> None:
    write_archive(path, {"best.onnx": identity_model((1, 1, "height", "width"))})


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_missing, "is missing"),
        (_no_archive, "is not a complete .tar.gz archive"),
        (_cut, "is not a complete .tar.gz archive"),
        (_without_model, "has no file best.onnx"),
        (_model_outside, "has no file best.onnx"),
        (_linked_model, "has no file best.onnx"),
        (_no_weights, "cannot load the model best.onnx: not a valid model file"),
        (_other_weights, "cannot serve the model best.onnx: its input is"),
    ],
)
@pytest.mark.parametrize("name", ["candidate", "deployed"])
def test_an_archive_that_cannot_be_used_is_named_in_one_line(
    job: Path, name: str, spoil: Callable[[Path], None], problem: str, capsys: pytest.CaptureFixture[str]
):
    archive = job / "input" / name / "model.tar.gz"
    spoil(archive)
    line = fails(job, capsys)
    assert f"comparison: {archive}: " in line
    assert problem in line


def test_a_validation_channel_without_plans_labels_or_rooms_is_named(job: Path, capsys: pytest.CaptureFixture[str]):
    validation = job / "input" / "validation"
    labels = validation / "labels" / "house.txt"
    labels.write_text("")
    assert f"{validation}: none of its 1 plans has a room" in fails(job, capsys)
    labels.unlink()
    assert f"{labels}: is missing" in fails(job, capsys)
    (validation / "images" / "house.png").unlink()
    assert f"{validation}: no images" in fails(job, capsys)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--margin", "-1"], "'-1' is not allowed: must be a number from 0 to 1"),
        (["--tolerance", "much"], "'much' is not allowed"),
        (["--confidence", "nan"], "'nan' is not allowed"),
        (["--better"], "--better"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    job: Path, arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as stopped:
        run(job, *arguments)
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert problem in error
    assert error.count("\n") == 1


def test_a_result_that_cannot_be_written_is_one_line(job: Path, capsys: pytest.CaptureFixture[str]):
    (job / "output").write_text("a file")
    assert run(job) == 2
    assert f"comparison: {job / 'output'}" in capsys.readouterr().err
