"""X-Ray subsegments around the calls to AWS: the only module that knows the X-Ray SDK.

The SDK adds about 40 ms to a cold start in Lambda, so it is imported only when tracing is on.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext

Trace = Callable[[str, str], AbstractContextManager[None]]


def tracer(enabled: bool) -> Trace:
    """A function of a service's name ("S3") and an operation ("PutObject") whose context is a subsegment."""
    if not enabled:
        return lambda _service, _operation: nullcontext()

    from aws_xray_sdk.core import xray_recorder

    @contextmanager
    def subsegment(service: str, operation: str):
        with xray_recorder.in_subsegment(service, namespace="aws") as current:
            # None outside an invocation, and a dummy that drops everything if Lambda did not sample it.
            if current is not None:
                current.set_aws({"operation": operation})
            yield

    return subsegment
