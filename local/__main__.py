"""`python -m local`: the commands behind `make demo`, `make local`, `make score`, `make bulk` and `make preview`."""

import argparse
import io
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from bulk.options import Options, add_arguments


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    # Each command imports what it needs: a preview needs no embedded AWS.
    if arguments.exit_with_parent:
        from local.processes.child import die_with_parent

        die_with_parent(signal.SIGTERM)
    settings = {"inference": arguments.inference} if arguments.inference else None
    match arguments.command:
        case "demo":
            from local.commands import demo

            return demo.run(arguments.blueprint, arguments.out, settings=settings)
        case "up":
            from local.commands import up

            return up.run(
                port=arguments.port,
                record_calls=arguments.record_calls,
                show_logs=arguments.show_logs,
                settings=settings,
            )
        case "score":
            from local.commands import score

            return score.run(
                arguments.data,
                count=arguments.count,
                out=arguments.out,
                output_format=arguments.format,
                settings=settings,
            )
        case "bulk":
            from local.commands import bulk

            return bulk.run(Options.of(arguments), settings=settings)
        case _:
            from program import preview

            return preview.show(arguments.stage, arguments.format, settings=settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--exit-with-parent", action="store_true", help="end in order when the parent process ends")
    common.add_argument("--inference", default="", help="endpoint, serverless or lambda, instead of the stage's own")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", parents=[common], help="find the rooms of one plan")
    demo.add_argument("blueprint", type=Path, help="an image of a floor plan")
    demo.add_argument("--out", type=Path, default=Path("out"), help="folder for the answer and the picture")
    up = commands.add_parser("up", parents=[common], help="serve the API until interrupted")
    up.add_argument("--port", type=int, default=8000, help="port of the API; 0 takes a free one")
    up.add_argument("--record-calls", type=Path, help="file for the AWS calls that roles make")
    up.add_argument("--show-logs", action="store_true", help="print the functions' logs on stderr")
    score = commands.add_parser("score", parents=[common], help="count rooms right, missed and wrong")
    score.add_argument("data", type=Path, help="a folder in YOLO format")
    score.add_argument("--count", type=int, default=20, help="how many plans, the first by name")
    score.add_argument("--out", type=Path, default=Path("out"), help="folder for answers and pictures")
    score.add_argument("--format", choices=("text", "json"), default="text")
    bulk = commands.add_parser("bulk", parents=[common], help="find the rooms of an archive of plans")
    add_arguments(bulk)
    preview = commands.add_parser("preview", parents=[common], help="print a stage's whole graph")
    preview.add_argument("--stage", default="dev")
    preview.add_argument("--format", choices=("tree", "json"), default="tree")
    return parser


def _run() -> NoReturn:
    """Runs the command and ends the process at once.

    Every command has closed what it opened. Freeing Pulumi's modules object by object would take another 1.5 s.
    """
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a plan's name need not fit the terminal's encoding
            sys.stdout.reconfigure(errors="backslashreplace")
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:  # while there was nothing to end in order: it was importing, or writing its results
        status = 128 + signal.SIGINT
    except BrokenPipeError:  # whoever read the output has seen enough
        status = 128 + signal.SIGPIPE
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _run()
