"""The calls of a local stage: the time that API and function add to a warm process call, a cold start, and memory."""

import asyncio
import io
from collections.abc import Mapping
from typing import Any, get_args

import aiohttp
from PIL import Image

from benchmarks.figures import Figure
from blueprints.sample import PICTURE
from components.naming import Inference
from local.commands.blueprint_client import BlueprintClient, Detection
from local.functions.function import Invocation
from local.stack import LocalStack, local_stack

PLAN_SIDE_PX = 640
LARGE_SIDE_PX = 5000
ADDED_AT_MOST_MS = 60
PEAK_MEMORY_AT_MOST_MB = 300
# The first calls warm up the function, the endpoint and the embedded AWS.
WARM_UP_CALLS = 3
_DETECTOR_CALLS = frozenset({"sagemaker:InvokeEndpoint", "lambda:InvokeFunction"})

# Outputs of the stack that name a function.
API_FUNCTION = "functionName"
DETECTOR_FUNCTION = "detectorFunctionName"

# How the detector can be served, and the settings for it.
MODES: Mapping[str, Mapping[str, Any]] = {mode: {"inference": mode} for mode in get_args(Inference)}


def warm_call(repetitions: int, mode: str) -> list[Figure]:
    return asyncio.run(_warm(repetitions, mode))


def cold_start(repetitions: int, mode: str) -> list[Figure]:
    return asyncio.run(_cold(repetitions, mode))


def memory() -> list[Figure]:
    return asyncio.run(_memory())


async def _warm(repetitions: int, mode: str) -> list[Figure]:
    totals: list[float] = []
    endpoint: list[float] = []
    aws: list[float] = []
    async with local_stack(settings=MODES[mode]) as stack:
        for call in range(WARM_UP_CALLS + repetitions):
            seen = len(stack.calls())
            detection = await _detect(stack, _sample(PLAN_SIDE_PX))
            if call < WARM_UP_CALLS:
                continue
            _upload, process, _status = _invocations(stack, API_FUNCTION)[-3:]
            # A function's log is delivered when no call waits for it.
            during = [
                call
                for call in stack.calls()[seen:]
                if process.started <= call.started <= process.started + process.seconds
                and not call.action.startswith("logs:")
            ]
            totals.append(1000 * detection.process_seconds)
            endpoint.append(1000 * sum(call.seconds for call in during if call.action in _DETECTOR_CALLS))
            aws.append(1000 * sum(call.seconds for call in during if call.action not in _DETECTOR_CALLS))
    added = [total - within - below for total, within, below in zip(totals, endpoint, aws, strict=True)]
    return [
        Figure(name=f"process call, {PLAN_SIDE_PX} px plan, warm, {mode}", unit="ms", values=totals),
        Figure(name=f"  in the detector, {mode}", unit="ms", values=endpoint),
        Figure(name=f"  in the embedded AWS, {mode}", unit="ms", values=aws),
        Figure(name=f"  added by API and function, {mode}", unit="ms", values=added, at_most=ADDED_AT_MOST_MS),
    ]


async def _cold(repetitions: int, mode: str) -> list[Figure]:
    """A fresh function's first call, an upload: from the start of its process to its answer."""
    inits: list[float] = []
    answers: list[float] = []
    detectors: list[float] = []
    for _ in range(repetitions):
        async with local_stack(settings=MODES[mode]) as stack:
            await _detect(stack, _sample(PLAN_SIDE_PX))
            first = _invocations(stack, API_FUNCTION)[0]
            detectors += [1000 * (one.init_seconds or 0) for one in _invocations(stack, DETECTOR_FUNCTION)]
        inits.append(1000 * (first.init_seconds or 0))
        answers.append(1000 * first.seconds)
    both = [init + answer for init, answer in zip(inits, answers, strict=True)]
    figures = [
        Figure(name=f"cold start, process start to first answer, {mode}", unit="ms", values=both),
        Figure(name=f"  until ready for a call, {mode}", unit="ms", values=inits),
        Figure(name=f"  first call: an upload, with its imports and clients, {mode}", unit="ms", values=answers),
    ]
    if detectors:
        figures.append(
            Figure(name=f"cold start of the detector, process start to ready, {mode}", unit="ms", values=detectors)
        )
    return figures


async def _memory() -> list[Figure]:
    async with local_stack() as stack:
        await _detect(stack, _sample(LARGE_SIDE_PX))
        peak = max(invocation.peak_memory_mb for invocation in _invocations(stack, API_FUNCTION))
    name = f"function's peak memory, {LARGE_SIDE_PX} x {LARGE_SIDE_PX} px PNG"
    return [Figure(name=name, unit="MB", values=[peak], at_most=PEAK_MEMORY_AT_MOST_MB)]


def _invocations(stack: LocalStack, function: str) -> list[Invocation]:
    """The calls of the function whose name is in this output of the stack."""
    return [invocation for invocation in stack.invocations() if invocation.function == stack.outputs.get(function)]


async def _detect(stack: LocalStack, plan: bytes) -> Detection:
    async with aiohttp.ClientSession() as session:
        return await BlueprintClient(session, stack.api_url, stack.api_key).detect(plan)


def _sample(side_px: int) -> bytes:
    """The sample plan, `side_px` wide, as a PNG; on a white square sheet if it is larger than 640 px."""
    with Image.open(PICTURE) as picture:
        plan = picture.convert("RGB")
    plan = plan.resize((side_px, round(side_px * plan.height / plan.width)), Image.Resampling.BICUBIC)
    if side_px > PLAN_SIDE_PX:
        sheet = Image.new("RGB", (side_px, side_px), "white")
        sheet.paste(plan)
        plan = sheet
    content = io.BytesIO()
    plan.save(content, "PNG", optimize=True)
    return content.getvalue()
