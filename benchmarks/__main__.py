"""Command line of the benchmarks: `python -m benchmarks --help`."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from benchmarks.environments import BenchmarkError
from benchmarks.figures import Figure, Section, figure_table
from blueprints.errors import BlueprintError
from console.command import run
from console.interruption import InterruptedCommandError, run_until_interrupted

WRONG_INPUT = 2
COLUMNS_WITHOUT_TERMINAL = 120
REPORT = "bench.json"
PLOT = "bench.png"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the sections; `say` shows the progress on stderr."""

    repetitions: int
    seconds: float
    data: Path | None
    out: Path
    say: Callable[[str], None]


def _serving(options: Options) -> Section:
    # Imported here, as below, so that a section does not import what only the others need.
    from benchmarks import load_plans, serving, serving_plot, serving_report

    plans = load_plans.rendered_plans() if options.data is None else load_plans.plans_of(options.data)
    measured = run_until_interrupted(
        serving.measure(plans, rounds=options.repetitions, seconds=options.seconds, say=options.say)
    )
    serving_plot.draw(measured, options.out / PLOT)
    return serving_report.section(measured, rounds=options.repetitions, seconds=options.seconds)


def _path(options: Options) -> Section:
    from benchmarks import calls, imports
    from local.stack import StackError

    figures: list[Figure] = []
    try:
        for mode in calls.MODES:
            options.say(f"process calls, {mode}")
            figures += calls.warm_call(options.repetitions, mode)
            options.say(f"cold starts, {mode}")
            figures += calls.cold_start(options.repetitions, mode)
        options.say("imports")
        figures += imports.measure(options.repetitions)
        options.say("the function's memory")
        figures += calls.memory()
    except StackError as error:
        raise BenchmarkError(str(error)) from error
    return Section(title=f"the whole path in a local stage: {options.repetitions} repetitions", figures=figures)


def _overload(options: Options) -> Section:
    from benchmarks import load_plans, overload

    plans = load_plans.rendered_plans() if options.data is None else load_plans.plans_of(options.data)
    seconds = OVERLOAD_TURNS * options.seconds
    measured = run_until_interrupted(overload.measure(plans, seconds=seconds, say=options.say))
    return overload.section(measured, seconds=seconds)


def _commands(options: Options) -> Section:
    from benchmarks import commands

    figures: list[Figure] = []
    for figure in commands.measure(options.repetitions, options.out):
        figures.append(figure)
        options.say(figure.name)
    return Section(title=f"commands, as whole processes: {options.repetitions} repetitions", figures=figures)


SECTIONS: Mapping[str, Callable[[Options], Section]] = {
    "serving": _serving,
    "overload": _overload,
    "path": _path,
    "commands": _commands,
}

# The load of the section `overload` lasts as long as this many turns.
OVERLOAD_TURNS = 10

_DESCRIPTION = "Measures speed and memory, each figure beside its target."
_SECTIONS_HELP = """\
sections:
  serving   this inference server against the document's own design, by turns: rate, latency, memory, start, steps
  overload  this server under twice the load that it can answer, for ten times --seconds: what is lost, memory
  path      upload, process and status through a local stage; the function's cold start and memory
  commands  make preview, make demo
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"bench: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code: 0, 1 if something fails, 2 for wrong usage or input."""
    parsed = _parsed(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else COLUMNS_WITHOUT_TERMINAL)
    try:
        parsed.out.mkdir(parents=True, exist_ok=True)
        _run(parsed, console)
    except BlueprintError as error:
        print(f"bench: {error}", file=sys.stderr)
        return WRONG_INPUT
    except BenchmarkError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"bench: {error.filename}: {error.strerror}", file=sys.stderr)
        return WRONG_INPUT
    except InterruptedCommandError as interrupted:
        return interrupted.exit_status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m benchmarks",
        description=_DESCRIPTION,
        epilog=_SECTIONS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help="which ones to run (default: all)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of results (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=5, help="of each measurement (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of a turn under load (default: %(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a YOLO folder whose plans the servers get instead")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
    parsed = parser.parse_args(arguments)
    for name in parsed.sections:
        if name not in SECTIONS:
            parser.error(f"{name}: is not a section: must be one of {', '.join(SECTIONS)}")
    if parsed.repetitions < 1:
        parser.error(f"--repetitions: {parsed.repetitions} is not allowed: must be at least 1")
    if not 0 < parsed.seconds < float("inf"):
        parser.error(f"--seconds: {parsed.seconds:g} is not allowed: must be more than 0")
    return parsed


def _run(parsed: argparse.Namespace, console: Console) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    report = {"machine": machine, "load_average": os.getloadavg()[0], "figures": []}
    with Console(stderr=True).status("measuring") as status:
        for name in parsed.sections or SECTIONS:
            options = Options(
                repetitions=parsed.repetitions,
                seconds=parsed.seconds,
                data=parsed.data,
                out=parsed.out,
                say=lambda text, name=name: status.update(f"{name}: {text}"),
            )
            section = SECTIONS[name](options)
            report["figures"] += [{"section": name, **figure.as_json()} for figure in section.figures]
            report.update({name: section.details} if section.details else {})
            # After each section, so that its figures are kept if a later one fails.
            (parsed.out / REPORT).write_text(json.dumps(report, indent=2) + "\n")
            if parsed.format == "text":
                for table in (*section.tables, figure_table(f"{machine}; {section.title}", section.figures)):
                    console.print(table)
    if parsed.format == "json":
        print(json.dumps(report, indent=2))
    else:
        console.print(f"wrote {parsed.out / REPORT}", soft_wrap=True)


if __name__ == "__main__":
    run(main)
