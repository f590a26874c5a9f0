# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""`python -m images.training.recipes NAME`: trains the weights of a recipe."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from blueprints.errors import BlueprintError
from images.training.errors import FAILED, WRONG_INPUT, InputError, TrainingError
from images.training.offline import keep_offline
from images.training.recipes import recipe as recipes

_ROOT = Path(__file__).resolve().parents[3]
_INTERRUPTED = 128 + signal.SIGINT
_TERMINATED = 128 + signal.SIGTERM


def main(arguments: Sequence[str]) -> int:
    """Runs the command line and returns its exit code: 0 when trained, 1 for a failure, 2 for wrong input."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # like this, a run keeps its state before it ends
    try:
        recipe = recipes.load(options.recipe)
        for set_ in ("plans", "layouts"):
            if set_ in recipe.sets and getattr(options, set_) is None:
                raise InputError(f"recipe {options.recipe!r} trains on {set_}: give --{set_}")
        start = options.start or _ROOT / recipe.start
        if not start.is_file():
            raise InputError(f"{start}: no such file: give the weights to start from with --start")
        with tempfile.TemporaryDirectory() as folder:
            keep_offline(Path(folder))
            from images.training.recipes import run  # after the environment of Ultralytics is set

            run.run(
                options.recipe,
                recipe,
                run.Paths(
                    start=start,
                    plans=options.plans,
                    layouts=options.layouts,
                    drawn=options.drawn or Path(folder),
                    out=options.out,
                ),
                run.Length(
                    steps=options.steps or recipe.steps,
                    seconds=options.seconds,
                    schedule_seconds=options.schedule_seconds or options.seconds,
                ),
                processes=options.processes,
                seed=options.seed,
            )
    except (TrainingError, BlueprintError) as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG_INPUT
    except (ChildProcessError, FloatingPointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m images.training.recipes", description=__doc__)
    parser.add_argument("recipe", metavar="NAME", help=" or ".join(recipes.names()))
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the weights and their record")
    parser.add_argument("--plans", type=Path, metavar="DIR", help="labelled plans, images/ and labels/ (and outlines/)")
    parser.add_argument("--layouts", type=Path, metavar="ZIP", help="archive of layouts to draw plans from")
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights to start from (default: the recipe's)")
    parser.add_argument("--steps", type=int, metavar="N", help="steps (default: the recipe's)")
    parser.add_argument("--seconds", type=float, metavar="S", help="train for a time instead of a number of steps")
    parser.add_argument(
        "--schedule-seconds",
        type=float,
        metavar="S",
        help="time along which the learning rate falls, if it takes several runs (default: --seconds)",
    )
    parser.add_argument("--drawn", type=Path, metavar="DIR", help="folder for drawn plans (default: a temporary one)")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="that draw each kind (default: cores)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="first seed (default 0)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
