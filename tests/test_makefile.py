"""make hands its variables to the commands as they were given, and says in one line what it cannot use."""

import subprocess
from pathlib import Path

import psutil
import pytest

from tests.local.patience import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[1]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ['-a b $(x) ${y} $z $1 it\'s "quoted" #1.png', "half $(a.png"])
@pytest.mark.parametrize("given", ["on the command line", "in the environment"])
def test_a_plan_may_have_any_name(name: str, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = tmp_path / name
    plan.touch()
    command = ["make", "demo"]
    if given == "on the command line":
        command.append(f"BLUEPRINT={plan}")
    else:
        monkeypatch.setenv("BLUEPRINT", str(plan))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"demo: {plan}: is empty: give an image of a floor plan\n" in done.stderr


@pytest.mark.parametrize("goals", [["demo", "plan.png"], ["score", "plans/"], ["demo", "pyproject.toml"]])
def test_a_plan_given_without_a_variable_is_answered_with_the_variables(goals: list[str]) -> None:
    done = make(*goals)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"{goals[-1]} is not a command: give a plan with BLUEPRINT=<file>" in done.stderr


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("demo", "BLUEPRINT"),
        ("score", "DATA"),
        ("bulk", "PLANS"),
        ("evaluate", "DATA"),
        ("train", "DATA"),
        ("serve", "MODEL"),
    ],
)
def test_an_empty_variable_is_one_line_that_names_it(command: str, variable: str) -> None:
    done = make(command, f"{variable}=")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"{variable} is empty: give " in done.stderr


def test_an_environment_whose_python_is_gone_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    stale = tmp_path / "venv"
    (stale / "bin").mkdir(parents=True)
    (stale / "bin" / "python").symlink_to(tmp_path / "gone")
    (stale / ".run").touch()
    done = make("demo", f"VENV={stale}")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        f"{stale} is out of date, because its Python is gone or is not 3.11: remove it with rm -r {stale}, "
        "and the next command creates it again"
    )
    assert len(done.stderr.splitlines()) == 2, "make adds a line of its own"


def test_a_killed_make_ends_its_server_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        killed = subprocess.Popen(["make", "serve", "PORT=0"], cwd=ROOT, stdout=output, stderr=output)
    wait_until(lambda: '"listening"' in log.read_text())
    processes = psutil.Process(killed.pid).children(recursive=True)
    assert processes
    killed.kill()
    killed.wait()
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    assert not alive
    assert '"stopped"' in log.read_text(), "it ended in order"
