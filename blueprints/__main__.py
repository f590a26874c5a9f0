"""`python -m blueprints`: draw the sample plan, score answers, prepare labelled plans for training, and render them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from blueprints import answer
from blueprints.datasets import commands as dataset_commands
from blueprints.errors import BlueprintError
from blueprints.rendering import command as render_command
from blueprints.scoring import answers
from console.command import run

SAMPLE = Path(__file__).with_name("sample.png")

WRONG_INPUT = 2
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """An argparse parser with one-line errors."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. 0; 1 for a broken set of plans; 2 for wrong usage or input and 130 for
    Ctrl-C, with one line on stderr.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except BlueprintError as error:
        print(f"python -m blueprints: {error}", file=sys.stderr)
    except OSError as error:
        print(f"python -m blueprints: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("python -m blueprints: interrupted", file=sys.stderr)
        return INTERRUPTED
    return WRONG_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m blueprints", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "draw",
        help="draw the sample plan, and write its true rooms beside it",
        description=f"Draw the sample plan as a PNG, and write its true rooms beside it as <name>{answer.SUFFIX}.",
    )
    command.add_argument(
        "--out",
        type=Path,
        default=SAMPLE,
        metavar="FILE",
        help="a .png file (default: the shipped %(default)s)",
    )
    command.set_defaults(run=_draw)

    command = commands.add_parser(
        "score",
        help="count right, missed and wrong rooms",
        description=f"Compare answers of POST /process, <name>{answer.SUFFIX}, with the YOLO labels of their plans.",
    )
    command.add_argument(
        "--truth", type=Path, required=True, metavar="DIR", help="images/<split>/*.jpg with labels/<split>/*.txt"
    )
    command.add_argument(
        "--predictions", type=Path, required=True, metavar="DIR", help=f"<name>{answer.SUFFIX}, one per plan"
    )
    command.add_argument(
        "--iou", type=float, default=0.5, help="overlap from which a box counts as right (default: %(default)g)"
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
    command.set_defaults(run=_score)

    dataset_commands.register(commands)
    render_command.register(commands)
    return parser


def _draw(options: argparse.Namespace) -> int:
    out: Path = options.out
    if out.suffix.lower() != ".png":
        raise BlueprintError(f"--out {out}: must end in .png")
    # Importing the drawing code takes longer than most commands.
    from blueprints import sample

    picture, truth = sample.draw(), sample.rooms()
    rooms = out.with_name(out.stem + answer.SUFFIX)
    out.parent.mkdir(parents=True, exist_ok=True)
    picture.save(out, format="PNG", optimize=True)
    rooms.write_text(json.dumps(answer.truth(truth), indent=2) + "\n", encoding="utf-8")
    print(f"{out}: {picture.width} x {picture.height} px\n{rooms}: {len(truth)} rooms")
    return 0


def _score(options: argparse.Namespace) -> int:
    report = answers.score(options.truth, options.predictions, options.iou)
    if options.format == "json":
        print(json.dumps(answers.as_json(report), indent=2))
    else:
        Console().print(answers.as_table(report))
    return 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
