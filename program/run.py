"""Runs the Pulumi program in this process, without Pulumi's CLI.

`run_program` registers the whole graph of a stage with a `pulumi.runtime.Mocks`: that of the preview, which creates
nothing, that of the embedded AWS, which creates every resource in moto, or that of a test. Each run has its own event
loop, thread and context, so that runs are isolated from each other.
"""

import asyncio
import contextvars
import logging
import runpy
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockEngine, MockMonitor, Mocks, MockSettings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack

from components.last_deployment import READ_STATE
from program.stage_file import PROJECT, ROOT, ProgramError, Stage

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class RegisteredResource:
    """One resource as the program registered it.

    `inputs` has camelCase keys; unknown values are `pulumi.output.Unknown`, secrets and assets are as Pulumi's RPC
    layer deserialises them. `parent` is a URN, or None for the stack. `outputs` are the arguments of
    `register_outputs`, None if it was not called.
    """

    type: str
    name: str
    urn: str
    parent: str | None
    custom: bool
    inputs: Mapping[str, Any]
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    dependencies: tuple[str, ...]
    outputs: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class ProgramRun:
    """The result of a run: every resource in order of registration, the stack first, and the stack's exports."""

    resources: tuple[RegisteredResource, ...]
    exports: Mapping[str, Any]


class RecordingMonitor(MockMonitor):
    """A mock monitor that also records what `new_resource` does not get: parents, protection, dependencies, outputs."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self._lock = threading.Lock()
        self._registrations: dict[str, dict[str, Any]] = {}
        self._outputs: dict[str, Mapping[str, Any]] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN as Pulumi's engine makes it: qualified by the types of all ancestors except the stack."""
        ancestors = parent.split("::")[2] if parent else STACK_TYPE
        qualified_type = type_ if ancestors == STACK_TYPE else f"{ancestors}${type_}"
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{qualified_type}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        registration = {
            "type": request.type,
            "name": request.name,
            "urn": urn,
            "parent": request.parent or None,
            "custom": request.custom,
            "inputs": rpc.deserialize_properties(request.object, keep_unknowns=True),
            "protect": request.protect,
            "retain_on_delete": request.retainOnDelete,
            "ignore_changes": tuple(request.ignoreChanges),
            "dependencies": tuple(sorted(request.dependencies)),
        }
        with self._lock:
            if urn in self._registrations:
                raise ProgramError(f"{urn} is registered twice: rename one of the two")
            self._registrations[urn] = registration
        return super().RegisterResource(request)

    def Invoke(self, request: Any) -> Any:
        """Answers like the engine: there is no state, every run is a first deployment."""
        if request.tok == READ_STATE:
            return resource_pb2.ResourceInvokeResponse()
        return super().Invoke(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        with self._lock:
            self._outputs[request.urn] = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        return super().RegisterResourceOutputs(request)

    def run(self) -> ProgramRun:
        """Everything registered so far."""
        resources = tuple(
            RegisteredResource(**registration, outputs=self._outputs.get(urn))
            for urn, registration in self._registrations.items()
        )
        exports = next((r.outputs for r in resources if r.type == STACK_TYPE and r.outputs is not None), {})
        return ProgramRun(resources=resources, exports=exports)


def run_program(
    stage: Stage,
    mocks: Mocks,
    *,
    preview: bool = False,
    program: Callable[[], Any] | None = None,
    logger: logging.Logger | None = None,
) -> ProgramRun:
    """Runs `__main__.py` (or `program`) as the stack `stage.name` and waits until every registration is done.

    Args:
        mocks: create the resources; an exception from them ends the run and is raised here.
        preview: values that the mocks do not return stay unknown, as in `pulumi preview`.
        program: a function that registers resources, instead of `__main__.py`.
        logger: gets the program's messages from `pulumi.log`.

    Raises:
        ProgramError: the settings are invalid, or something that the program packages is missing.
    """
    run = program or (lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__") and None)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pulumi-program") as thread:
        context = contextvars.Context()
        return thread.submit(context.run, _run, stage, mocks, preview, run, logger).result()


def _run(
    stage: Stage, mocks: Mocks, preview: bool, program: Callable[[], Any], logger: logging.Logger | None
) -> ProgramRun:
    monitor = RecordingMonitor(mocks)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # A failed registration fails every output that waits for it: raise the first, and keep the loop from printing
    # others.
    loop.set_exception_handler(lambda *_: None)
    try:
        set_all_config(dict(stage.config))
        configure(
            MockSettings(
                monitor=monitor,
                monitor_features=set(monitor.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures),
                engine=MockEngine(logger),
                project=PROJECT,
                stack=stage.name,
                dry_run=preview,
                organization="organization",
                callbacks=None,
            )
        )
        loop.run_until_complete(run_in_stack(program))
        return monitor.run()
    except pulumi.RunError as error:
        raise ProgramError(str(error)) from error
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()
