"""The entry point: SageMaker runs the image with the argument `serve`."""

import argparse
import asyncio
import os
import sys

from images.inference import contract
from images.inference.cores import available_cores
from images.inference.logs import configure_logging
from images.inference.network import ModelError
from images.inference.server import serve
from images.inference.settings import (
    AUTO_PRECISION,
    DEFAULT_CONFIDENCE_THRESHOLD,
    DEFAULT_IOU_THRESHOLD,
    DEFAULT_VIEWS,
    Settings,
    SettingsError,
    read_settings,
)

_ENVIRONMENT_HELP = f"""\
environment:
  {contract.ADDRESS_VARIABLE}            address to listen on (default {contract.DEFAULT_ADDRESS}: all)
  {contract.PORT_VARIABLE}  port to listen on (default {contract.DEFAULT_PORT})
  {contract.MODEL_PATH_VARIABLE}              ONNX weights (default {contract.DEFAULT_MODEL_PATH})
  {contract.CONFIDENCE_VARIABLE}    a room needs more confidence than this (default {DEFAULT_CONFIDENCE_THRESHOLD})
  {contract.IOU_VARIABLE}           overlap above which a box loses confidence (default {DEFAULT_IOU_THRESHOLD})
  {contract.PRECISION_VARIABLE}               float32, int8 or {AUTO_PRECISION} (the default: the fastest)
  {contract.VIEWS_VARIABLE}                   mirrored views, averaged: 1, 2 or 4 (default {DEFAULT_VIEWS})

exit code: 0 after SIGTERM or SIGINT, 1 when the model or the port cannot be served, 2 for wrong usage or settings
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code (see `--help`)."""
    parser = argparse.ArgumentParser(
        prog="python -m images.inference",
        description="Serves the room detector by SageMaker's hosting contract.",
        epilog=_ENVIRONMENT_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=[contract.SERVE_COMMAND], help="start the HTTP server")
    parser.parse_args(arguments)
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    configure_logging()
    try:
        asyncio.run(serve(settings, available_cores()))
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(_not_listening(settings, error), file=sys.stderr)
        return 1
    return 0


def _not_listening(settings: Settings, error: OSError) -> str:
    """asyncio's own text names the address as a tuple. An address that does not exist has a number below 0."""
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    where = f"port {settings.port} of {settings.address}"
    advice = f"choose another one with {contract.PORT_VARIABLE}, or with PORT=<port> of make"
    return f"{where} cannot be used ({reason}): {advice}"


if __name__ == "__main__":
    sys.exit(main())
