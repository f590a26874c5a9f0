"""Pulumi's Python host, in this process: the engine asks it to run the program.

It does what pulumi-language-python and its exec script do, without a new interpreter a run, so that a deployment takes
two seconds and not five, and so that a CLI without its Python host will do. The engine finds it through
PULUMI_DEBUG_LANGUAGES.
"""

import asyncio
import contextvars
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import grpc
import psutil
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import Settings, configure, run_in_stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

# The variables that the program reads.
_PREFIX = "ROOM_DETECTION_"
PROGRAM = Path(__file__).resolve().parents[2] / "__main__.py"


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs this project's program, whatever folder the stage's files lie in."""

    def Handshake(self, request, context):
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(self, request, context):
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request, context):
        return language_pb2.GetRequiredPluginsResponse()

    def About(self, request, context):
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def Run(self, request, context):
        given = {name: value for name, value in _environment(context.peer()).items() if name.startswith(_PREFIX)}
        others = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        with mock.patch.dict(os.environ, {**others, **given}, clear=True):
            return contextvars.Context().run(self._run, request)

    def _run(self, request: language_pb2.RunRequest) -> language_pb2.RunResponse:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        # A registration that failed, or an engine that is gone, ends the program; the engine has said why.
        engine_gone = threading.Event()
        loop.set_exception_handler(lambda loop, _: (engine_gone.set(), loop.stop()))
        set_all_config(dict(request.config), list(request.configSecretKeys))
        configure(
            Settings(
                project=request.project,
                stack=request.stack,
                monitor=request.monitor_address,
                engine=self._engine,
                parallel=request.parallel,
                dry_run=request.dryRun,
                organization=request.organization,
            )
        )
        try:
            loop.run_until_complete(run_in_stack(_program))
        except pulumi.RunError as error:
            pulumi.log.error(str(error))
            return language_pb2.RunResponse(bail=True)
        except SystemExit as end:
            return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {end.code}")
        except Exception as error:
            if not engine_gone.is_set() and not isinstance(error, grpc.RpcError):
                pulumi.log.error(f"Program failed with an unhandled exception:\n{traceback.format_exc()}")
            return language_pb2.RunResponse(bail=True)
        finally:
            _close(loop)
        return language_pb2.RunResponse()


def _environment(peer: str) -> Mapping[str, str]:
    """The environment of the CLI that asks, by the address that it asks from: a host of its own would inherit it."""
    port = int(peer.rpartition(":")[2])
    connections = psutil.net_connections("tcp")
    (pid,) = {found.pid for found in connections if found.laddr and found.laddr.port == port and found.pid}
    return psutil.Process(pid).environ()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Ends what is left of a program that was stopped half way, as asyncio.run does."""
    loop.set_exception_handler(lambda *_: None)
    try:
        if tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _program() -> None:
    runpy.run_path(str(PROGRAM), run_name="__main__")
