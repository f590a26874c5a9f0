"""The entry point: SageMaker runs the image with the argument `train`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from images.training import contract, local_folder
from images.training.errors import WRONG_INPUT, TrainingError
from images.training.run import run

_HELP = f"""\
environment:
  {contract.BASE_VARIABLE}  the folder that SageMaker calls {contract.DEFAULT_BASE} (default {contract.DEFAULT_BASE})

exit code: 0 when trained, or after SIGTERM with a checkpoint to continue from; 1 for a failure, 2 for wrong usage or
input; the reason is one line on stderr and in output/failure
"""


class _Parser(argparse.ArgumentParser):
    """An argparse parser with one-line errors."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str]) -> int:
    """Runs the command line and returns its exit code (see `--help`)."""
    options = _parser().parse_args(arguments)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m images.training",
        description="Trains the room detector by SageMaker's training contract.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(contract.TRAIN_COMMAND, help="train, or continue from the folder's checkpoints")
    command.set_defaults(run=_train)

    command = commands.add_parser("prepare", help="lay out such a folder on this machine")
    command.add_argument(
        "data", type=Path, help="a folder with training/ and validation/, or with images/<split> and labels/<split>"
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to lay out")
    command.add_argument("--pretrained", type=Path, metavar="FILE", help="weights to start from (default: the shipped)")
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a hyperparameter, repeatable"
    )
    command.set_defaults(run=_prepare)
    return parser


def _train(_options: argparse.Namespace) -> int:
    return run(contract.RunFolder(base=Path(os.environ.get(contract.BASE_VARIABLE, contract.DEFAULT_BASE))))


def _prepare(options: argparse.Namespace) -> int:
    try:
        local_folder.lay_out(options.out, options.data, options.pretrained, options.set)
    except TrainingError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return WRONG_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
