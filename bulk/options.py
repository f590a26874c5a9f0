"""The command's arguments, the same in `operations` and in `local`; imports nothing slow."""

import argparse
from dataclasses import dataclass
from pathlib import Path

DEFAULT_OUT = Path("out/bulk")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The user's options; `instances` is per job, None for the stage's own number."""

    plans: str
    out: Path
    instances: int | None
    pictures: bool
    output_format: str

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "Options":
        return cls(
            plans=arguments.plans,
            out=arguments.out,
            instances=arguments.instances,
            pictures=arguments.pictures,
            output_format=arguments.format,
        )


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("plans", help="a folder of plans, or s3://<bucket>/<prefix>")
    command.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_OUT,
        help="folder for the results; a folder with results is continued (default: %(default)s)",
    )
    command.add_argument(
        "--instances", type=int, help="instances per transform job, instead of the stage's batch.instances"
    )
    command.add_argument("--no-pictures", dest="pictures", action="store_false", help="results.jsonl alone")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
