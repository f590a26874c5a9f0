"""`python -m program`: the command behind `make preview`."""

import argparse

from console.command import run
from program import preview


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m program", description="Prints a stage's whole graph.")
    parser.add_argument("--stage", default="dev", help="default: %(default)s")
    parser.add_argument("--inference", default="", help="endpoint, serverless or lambda, instead of the stage's own")
    parser.add_argument("--format", choices=("tree", "json"), default="tree", help="default: %(default)s")
    arguments = parser.parse_args()
    settings = {"inference": arguments.inference} if arguments.inference else None
    return preview.show(arguments.stage, arguments.format, settings=settings)


if __name__ == "__main__":
    run(main, at_once=True)
