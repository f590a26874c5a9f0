"""Builds and runs container images on this machine with docker, podman, buildah, or a given program.

Containers run in the foreground and on the host's network, so that they and the checks can reach each other.
"""

import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.external import OperationError, run
from operations.stacks import ROOT

# Lambda and ml.c5 instances are x86_64.
PLATFORM = "linux/amd64"


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container to run: `command` replaces the image's entry point; `mounts` maps paths inside to host paths."""

    tag: str
    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    mounts: Mapping[str, Path]


class Engine(ABC):
    """Builds images and runs containers; `program` is its command."""

    def __init__(self, program: str) -> None:
        self.program = program

    @abstractmethod
    def build(self, dockerfile: Path, tag: str) -> None:
        """Builds in the repository's root, with the ignore file beside the Dockerfile; OperationError if it fails."""

    @abstractmethod
    def run(self, container: Container) -> list[str]:
        """Prepares the container and returns the command that runs it until it ends."""

    def remove(self, container: Container) -> None:
        """Stops and removes a container, if it still exists."""
        quietly([self.program, "rm", "--force", container.name])


class Docker(Engine):
    """Docker, or podman, which has the same command line."""

    def build(self, dockerfile: Path, tag: str) -> None:
        # Docker finds the ignore file by its name.
        ignore = ["--ignorefile", str(ignore_file)] if self.program.endswith("podman") else []
        run(
            [self.program, "build", "--platform", PLATFORM, *ignore, "--file", str(dockerfile), "--tag", tag, str(ROOT)]
        )

    def run(self, container: Container) -> list[str]:
        return [
            *(self.program, "run", "--rm", "--name", container.name, "--network", "host", "--entrypoint", ""),
            *(word for name, value in container.variables.items() for word in ("--env", f"{name}={value}")),
            *(word for inside, path in container.mounts.items() for word in ("--volume", f"{path}:{inside}")),
            *(container.tag, *container.command),
        ]


class Buildah(Engine):
    """buildah, with the isolation that needs only the right to chroot."""

    def build(self, dockerfile: Path, tag: str) -> None:
        run(
            [
                *(self.program, "build", "--isolation", "chroot", "--network", "host", "--platform", PLATFORM),
                *("--ignorefile", str(ignore_file(dockerfile)), "--file", str(dockerfile), "--tag", tag, str(ROOT)),
            ]
        )

    def run(self, container: Container) -> list[str]:
        run([self.program, "from", "--quiet", "--name", container.name, container.tag], quiet=True)
        return [
            *(self.program, "run", "--isolation", "chroot", "--network", "host"),
            *(word for name, value in container.variables.items() for word in ("--env", f"{name}={value}")),
            *(word for inside, path in container.mounts.items() for word in ("--volume", f"{path}:{inside}")),
            *(container.name, "--", *container.command),
        ]

    def remove(self, container: Container) -> None:
        quietly([self.program, "rm", container.name])


class Program(Engine):
    """Any other: `PROGRAM build DOCKERFILE TAG` and `PROGRAM run TAG [NAME=VALUE ...] [-v HOST:INSIDE ...] -- COMMAND`.

    It builds in the current folder by the ignore file beside the Dockerfile.
    """

    def build(self, dockerfile: Path, tag: str) -> None:
        run([self.program, "build", str(dockerfile), tag], folder=ROOT)

    def run(self, container: Container) -> list[str]:
        return [
            *(self.program, "run", container.tag),
            *(f"{name}={value}" for name, value in container.variables.items()),
            *(word for inside, path in container.mounts.items() for word in ("-v", f"{path}:{inside}")),
            *("--", *container.command),
        ]

    def remove(self, container: Container) -> None:
        """A container of such a program ends with its process."""


def ignore_file(dockerfile: Path) -> Path:
    """The ignore file of a build; Docker prefers the file with this name."""
    return dockerfile.with_name(f"{dockerfile.name}.dockerignore")


ENGINES: Mapping[str, type[Engine]] = {"docker": Docker, "podman": Docker, "buildah": Buildah}


def find(given: str = "") -> Engine:
    """The engine with this name or path; without a name, the first of docker, podman and buildah that works here.

    Raises:
        OperationError: there is none.
    """
    if given:
        path = shutil.which(given)
        if path is None:
            raise OperationError(
                f"ENGINE={given}: there is no such program: give docker, podman, buildah, or the path of a program"
            )
        return ENGINES[given](given) if given in ENGINES else Program(str(Path(path).resolve()))
    for name, engine in ENGINES.items():
        # A client without its daemon does not work.
        if shutil.which(name) is not None and quietly([name, "info"]):
            return engine(name)
    raise OperationError(
        "neither docker, podman nor buildah works here: start one (`docker info` shows why it does not), "
        "or name another with ENGINE=<program>"
    )


def quietly(command: Sequence[str]) -> bool:
    """Whether the command succeeds; its output is dropped."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
