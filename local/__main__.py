"""`python -m local`: the commands behind `make demo`, `make local`, `make score` and `make bulk`."""

import argparse
from pathlib import Path

from bulk.options import Options, add_arguments
from console.command import run


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    # Each command imports what it needs, so that a wrong option is reported at once.
    settings = {"inference": arguments.inference} if arguments.inference else None
    match arguments.command:
        case "demo":
            from local.commands import demo

            return demo.run(arguments.blueprint, arguments.out, page=arguments.page, settings=settings)
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
        case _:
            from local.commands import bulk

            return bulk.run(Options.of(arguments), settings=settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--inference", default="", help="endpoint, serverless or lambda, instead of the stage's own")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", parents=[common], help="find the rooms of one plan")
    demo.add_argument("blueprint", type=Path, help="a file with a floor plan")
    demo.add_argument("--page", type=_page_number, default=1, help="the page of a PDF or a TIFF, from 1")
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
    return parser


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a page number: give a whole number from 1")
    return int(text)


if __name__ == "__main__":
    run(main, at_once=True)
