"""make hands its variables to the commands as they were given."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", ["a b.png", "$(x) ${y} $z $1.png", 'it\'s "quoted" #1.png', "-dash.png"])
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
