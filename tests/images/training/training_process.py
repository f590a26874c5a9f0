"""The training image as SageMaker runs it: a process of its own over a folder in the place of /opt/ml."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# How long to wait for something that takes seconds on an idle machine, before the test is given up.
PATIENCE_SECONDS = 300.0
# As small as training goes.
SMALL = {"img_size": 64, "batch_size": 4}


class TrainingProcess:
    """`python -m images.training train` over `base`, whose channels are those of `data`; strings as SageMaker's."""

    def __init__(
        self,
        base: Path,
        data: Path,
        *,
        largest_file_bytes: int | None = None,
        pretrained: Path | None = None,
        **values: object,
    ) -> None:
        self.base = base
        channels = base / "input" / "data"
        config = base / "input" / "config"
        if not config.exists():
            config.mkdir(parents=True)
            channels.mkdir(parents=True)
            for name in ("training", "validation"):
                (channels / name).symlink_to(data / name)
            if pretrained is not None:
                (channels / "pretrained").mkdir()
                (channels / "pretrained" / "start.pt").symlink_to(pretrained)
            strings = {name: str(value) for name, value in {**SMALL, **values}.items()}
            (config / "hyperparameters.json").write_text(json.dumps(strings))
        number = len(list(base.glob("stdout_*")))
        self._stdout, self._stderr = base / f"stdout_{number}", base / f"stderr_{number}"
        limit = ["prlimit", f"--fsize={largest_file_bytes}"] if largest_file_bytes is not None else []
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [*limit, sys.executable, "-m", "images.training", "train"],
                cwd=ROOT,
                env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
                stdout=stdout,
                stderr=stderr,
            )

    @property
    def output(self) -> str:
        return self._stdout.read_text()

    @property
    def errors(self) -> str:
        return self._stderr.read_text()

    @property
    def last_error(self) -> str:
        return self.errors.splitlines()[-1]

    @property
    def failure(self) -> str:
        return (self.base / "output" / "failure").read_text()

    def wait_for_epoch(self, number: int) -> None:
        """Returns once the epoch's metrics are printed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while f"epoch={number} " not in self.output:
            assert self.process.poll() is None, f"training ended before epoch {number}: {self.errors}"
            assert time.monotonic() < deadline, f"no epoch {number}: {self.errors}"
            time.sleep(0.05)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run that came to its end: its folder and what it printed on stdout."""

    base: Path
    output: str


def results(base: Path) -> set[str]:
    """The files that SageMaker uploads, by their path below the folder."""
    folders = base / "model", base / "output" / "data"
    return {str(path.relative_to(base)) for folder in folders for path in folder.rglob("*")}
