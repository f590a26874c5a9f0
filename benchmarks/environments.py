"""The two Python environments that the benchmark runs programs in, and what those programs are given.

No program sees the caller's environment: threads (OMP_NUM_THREADS, OPENBLAS_*, MKL_*) are what each library takes by
itself.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUN = Path(sys.executable)
"""`.venv`: what the inference image serves with, among others."""
TRAINING = ROOT / ".venv-training" / "bin" / "python"
"""torch and Ultralytics."""
WEIGHTS = ROOT / "models" / "best.onnx"


class BenchmarkError(Exception):
    """A benchmark cannot be run or gave no figures; the text is one line that says why and what to do."""


def environment(home: Path) -> Mapping[str, str]:
    """What a program of the benchmark is started with, nothing else; `home` is a folder for what libraries keep."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)}


def check() -> None:
    """Raises BenchmarkError where the training environment is not there."""
    if not TRAINING.is_file():
        raise BenchmarkError(f"{TRAINING.relative_to(ROOT)}: is missing: `make bench` creates it")


def run(python: Path, module: str, *arguments: str, home: Path) -> Any:
    """Runs a module of the project, and returns the JSON that it prints; BenchmarkError where it fails."""
    ended = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        reason = ended.stderr.strip().splitlines()[-1:] or [f"exit status {ended.returncode}"]
        raise BenchmarkError(f"{module} in {python.parents[1].name}: {reason[0]}")
    return json.loads(ended.stdout)
