"""The parts of the function's cold start: Python is started with more and more of the function's imports.

The archive contains no bytecode and Lambda's disk is read-only, so every cold start compiles what it imports.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from components.packaging import package_function
from components.settings.groups import FunctionSettings
from local.functions.archive import interpreter, runtime_directory, unpack

# Each step includes the one before.
STEPS = (
    ("interpreter", "pass"),
    ("Lambda's runtime client", "import awslambdaric.bootstrap"),
    ("handler: boto3, Powertools", "import runtime.handler"),
    ("upload: Pillow", "import runtime.upload"),
)


def measure(repetitions: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        root = unpack(package_function(runtime=FunctionSettings().runtime), Path(folder))
        path = f"{root}:{runtime_directory(Path(folder))}"
        before = 0.0
        for count, (name, _) in enumerate(STEPS, start=1):
            program = "; ".join(["import os", *(statement for _, statement in STEPS[:count]), "os._exit(0)"])
            # The minimum, because other processes can only make a step slower.
            seconds = min(_seconds(program, path) for _ in range(repetitions))
            yield Figure(name=f"  in a process of its own: {name}", unit="ms", values=[1000 * (seconds - before)])
            before = seconds


def _seconds(program: str, path: str) -> float:
    started = time.perf_counter()
    subprocess.run([*interpreter(), "-c", program], env={**os.environ, "PYTHONPATH": path}, check=True)
    return time.perf_counter() - started
