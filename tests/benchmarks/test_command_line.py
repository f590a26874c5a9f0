"""Wrong usage and wrong input are one line and exit code 2."""

from pathlib import Path

import pytest

from benchmarks.__main__ import main


def line_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says on stderr when it ends with 2."""
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code
    output = capsys.readouterr()
    assert (code, output.out, output.err.count("\n")) == (2, "", 1), output.err
    return output.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["fast"], "bench: fast: is not a section: must be one of serving, overload, path, commands\n"),
        (["--repetitions", "0"], "bench: --repetitions: 0 is not allowed: must be at least 1\n"),
        (["--seconds", "0"], "bench: --seconds: 0 is not allowed: must be more than 0\n"),
        (["--seconds", "nan"], "bench: --seconds: nan is not allowed: must be more than 0\n"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
):
    assert line_of(arguments, capsys) == line


def test_a_folder_without_plans_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["serving", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    assert line_of(arguments, capsys).startswith(f"bench: {tmp_path}: no images")


def test_results_that_cannot_be_written_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "out").touch()
    assert line_of(["serving", "--out", str(tmp_path / "out")], capsys) == f"bench: {tmp_path}/out: File exists\n"
