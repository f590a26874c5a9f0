"""What a function's process runs: the archive that the program packaged, or the project's own image."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from local import images
from local.account.inputs import UnsupportedError
from local.account.resources.compute import archive_path
from local.functions.archive import interpreter, unpack


@dataclass(frozen=True, kw_only=True)
class RunnableCode:
    """Code that is ready to run: its command, where it runs, and the variables that Lambda sets because of it."""

    command: list[str]
    directory: Path
    environment: Mapping[str, str]


class FunctionCode(Protocol):
    """The code that a function's configuration names."""

    def prepare(self) -> RunnableCode:
        """Fetches what is needed; may take a while."""
        ...


def function_code(name: str, inputs: Mapping[str, Any], *, under: Path, runtime_directory: Path) -> FunctionCode:
    """The code of a deployed function; archives are unpacked in `under`. `UnsupportedError` if it cannot run here."""
    if inputs.get("packageType") == "Image":
        return _image(name, inputs)
    running = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if inputs.get("runtime") != running:
        raise UnsupportedError(f"function {name}: runtime {inputs.get('runtime')} cannot run here: {running} can")
    return _Archive(
        path=archive_path(inputs["code"]),
        handler=inputs["handler"],
        runtime=running,
        under=under,
        runtime_directory=runtime_directory,
    )


@dataclass(frozen=True, kw_only=True)
class _Archive:
    """Runs as in Lambda: only the packages of the archive and of Lambda's runtime can be imported."""

    path: Path
    handler: str
    runtime: str
    under: Path
    runtime_directory: Path

    def prepare(self) -> RunnableCode:
        task_root = unpack(self.path, self.under)
        return RunnableCode(
            command=[*interpreter(), "-m", "awslambdaric", self.handler],
            directory=task_root,
            environment={
                "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
                "LAMBDA_TASK_ROOT": str(task_root),
                "LAMBDA_RUNTIME_DIR": str(self.runtime_directory),
                "PYTHONPATH": f"{task_root}:{self.runtime_directory}",
                "_HANDLER": self.handler,
            },
        )


@dataclass(frozen=True, kw_only=True)
class _Image:
    """Runs in this repository, with this process's Python and packages, because the image has the same."""

    command: list[str]
    handler: str

    def prepare(self) -> RunnableCode:
        return RunnableCode(
            command=self.command, directory=images.WORKING_DIRECTORY, environment={"_HANDLER": self.handler}
        )


def _image(name: str, inputs: Mapping[str, Any]) -> _Image:
    images.served_program(inputs["imageUri"], subject=f"function {name}")
    config = inputs.get("imageConfig") or {}
    entry_points, commands = config.get("entryPoints") or [], config.get("commands") or []
    if entry_points[:1] != ["python"] or not commands:
        raise UnsupportedError(
            f"function {name}: imageConfig with entryPoints {entry_points} and commands {commands} cannot run here: "
            "python with a command can"
        )
    return _Image(command=[sys.executable, *entry_points[1:], *commands], handler=commands[-1])
