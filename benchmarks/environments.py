"""The two Python environments in which the benchmark runs programs, and the variables of those programs.

No program inherits the caller's environment: the number of threads (OMP_NUM_THREADS, OPENBLAS_*, MKL_*) is each
library's default.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUN = Path(sys.executable)
"""`.venv`: it has the packages of the inference image, among others."""
TRAINING = ROOT / ".venv-training" / "bin" / "python"
"""torch and Ultralytics."""
WEIGHTS = ROOT / "models" / "best.onnx"


class BenchmarkError(Exception):
    """A benchmark cannot be run or gave no figures; the text is one line that says why and what to do."""


def environment(home: Path) -> Mapping[str, str]:
    """All environment variables of a benchmark's program; `home` is a folder for files of the libraries."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)}


def check() -> None:
    """Raises BenchmarkError if the training environment does not exist."""
    if not TRAINING.is_file():
        raise BenchmarkError(f"{TRAINING.relative_to(ROOT)}: is missing: `make bench` creates it")


def run(python: Path, module: str, *arguments: str, home: Path) -> Any:
    """Runs a module of the project, and returns the JSON that it prints; BenchmarkError if it fails."""
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
