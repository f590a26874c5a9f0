"""The Lambda function: routes, errors and logs of every request.

Routing is a table. Powertools' APIGatewayRestResolver would add 45 ms to a cold start and its own OpenAPI model, while
the gateway has already checked the request against `openapi.yaml`. Powertools' Logger and Metrics cost 16 ms in
addition to boto3. A route imports its service on first use: Pillow (30 ms) is not needed for a status.
"""

import os
from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, assert_never

from aws_lambda_powertools.logging.logger import Logger

from runtime import gateway
from runtime.environment import Environment
from runtime.errors import InternalError, NotFoundError, RoomDetectionError
from runtime.metrics import FunctionMetrics
from runtime.payloads import ErrorAnswer, ProcessAnswer, StatusAnswer, UploadAnswer
from runtime.stores.blueprint_records import BlueprintRecords
from runtime.stores.detector import ENDPOINT, FUNCTION, Detector
from runtime.stores.image_store import ImageStore
from runtime.time_budget import TimeBudget
from runtime.tracing import Trace, tracer

if TYPE_CHECKING:
    from runtime.process import BlueprintProcessing

Payload = UploadAnswer | ProcessAnswer | StatusAnswer


def handle(event: gateway.Event, context: gateway.Context) -> gateway.Answer:
    """Lambda's entry point: answers one request of API Gateway's proxy integration."""
    return _function().handle_request(event, context)


class Function:
    """The function in one environment; its clients live as long as the process."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._logger = Logger(service=environment.service, level=environment.log_level, stage=environment.stage)
        self._metrics = FunctionMetrics(environment)
        trace = tracer(environment.tracing)
        self._images = ImageStore(environment.bucket, trace)
        self._records = BlueprintRecords(
            environment.table,
            ttl_days=environment.record_ttl_days,
            takeover_seconds=environment.function_timeout_seconds,
            trace=trace,
        )
        self._detector = _detector(environment, trace)
        self._routes: dict[tuple[str, str], Callable[[gateway.Event, TimeBudget], Payload]] = {
            ("POST", "/upload"): self.handle_upload,
            ("POST", "/process"): self.handle_processing,
            ("GET", "/status"): self.handle_status,
        }

    def handle_request(self, event: gateway.Event, context: gateway.Context) -> gateway.Answer:
        """Answer any event, and log and count the outcome; never raises."""
        budget = TimeBudget()
        request_id = gateway.request_id(event, context.aws_request_id)
        method, resource = gateway.route(event)
        self._logger.clear_state()
        self._logger.append_keys(
            request_id=request_id, function_request_id=context.aws_request_id, route=f"{method} {resource}"
        )
        try:
            payload = self._handler(method, resource)(event, budget)
        except Exception as error:
            answer = self.error_response(error, request_id)
        else:
            self._logger.append_keys(blueprint_id=payload["blueprint_id"])
            self._logger.info("request answered", extra={"status": 200, "milliseconds": _milliseconds(budget)})
            answer = gateway.answer(200, payload, allowed_origin=self._environment.allowed_origin)
        self._metrics.flush()
        return answer

    def handle_upload(self, event: gateway.Event, _budget: TimeBudget) -> UploadAnswer:
        """`POST /upload`: check and store an image."""
        from runtime.upload import decode_image, upload_blueprint

        content = decode_image(gateway.text_field(event, "image"))
        blueprint_id = upload_blueprint(content, images=self._images, records=self._records)
        self._metrics.count("BlueprintsUploaded")
        self._metrics.size("UploadedBytes", len(content))
        return {"blueprint_id": blueprint_id, "message": "Upload successful"}

    def handle_processing(self, event: gateway.Event, budget: TimeBudget) -> ProcessAnswer:
        """`POST /process`: find an uploaded blueprint's rooms."""
        blueprint_id = self._blueprint_id(gateway.text_field(event, "blueprint_id"))
        page = gateway.page_number(event)
        return {"blueprint_id": blueprint_id, **self._processing.process_blueprint(blueprint_id, page, budget)}

    def handle_status(self, event: gateway.Event, _budget: TimeBudget) -> StatusAnswer:
        """`GET /status`: the state of a blueprint."""
        from runtime.status import blueprint_status

        blueprint_id = self._blueprint_id(gateway.query_parameter(event, "blueprint_id"))
        return blueprint_status(blueprint_id, records=self._records)

    def error_response(self, error: Exception, request_id: str) -> gateway.Answer:
        """The answer to any error, logged by severity: the only place that maps errors to HTTP."""
        if not isinstance(error, RoomDetectionError):
            error, cause = InternalError(f"unexpected {type(error).__name__}"), error
            error.__cause__ = cause
        details = {"status": error.status, "code": error.code, "reason": error.message}
        if error.status == 500:
            self._logger.error("request failed", extra=details, exc_info=error)
        elif error.status > 500:
            self._logger.warning("request failed", extra=details)
        else:
            self._logger.info("request refused", extra=details)
        self._metrics.count("ServerErrors" if error.status >= 500 else "ClientErrors")
        payload: ErrorAnswer = {
            "error": {
                "code": error.code,
                "message": InternalError.CLIENT_MESSAGE if error.status == 500 else error.message,
            },
            "request_id": request_id,
        }
        return gateway.answer(
            error.status,
            payload,
            allowed_origin=self._environment.allowed_origin,
            retry_after=error.retry_after_seconds,
        )

    def _handler(self, method: str, resource: str) -> Callable[[gateway.Event, TimeBudget], Payload]:
        handler = self._routes.get((method, resource))
        if handler is None:
            raise NotFoundError(
                f"There is no {method} {resource}: the routes are "
                + ", ".join(f"{method} {resource}" for method, resource in self._routes)
                + "."
            )
        return handler

    def _blueprint_id(self, value: str) -> str:
        blueprint_id = gateway.parse_blueprint_id(value)
        self._logger.append_keys(blueprint_id=blueprint_id)
        return blueprint_id

    @cached_property
    def _processing(self) -> "BlueprintProcessing":
        from runtime.process import BlueprintProcessing

        return BlueprintProcessing(
            images=self._images,
            records=self._records,
            detector=self._detector,
            detector_timeout_seconds=self._environment.detector_timeout_seconds,
            takeover_seconds=self._environment.function_timeout_seconds,
            logger=self._logger,
            metrics=self._metrics,
        )


def _detector(environment: Environment, trace: Trace) -> Detector:
    match environment.detector_variable:
        case "SAGEMAKER_ENDPOINT":
            way = ENDPOINT
        case "DETECTOR_FUNCTION":
            way = FUNCTION
        case _:
            assert_never(environment.detector_variable)
    name, timeout = environment.detector_name, environment.detector_timeout_seconds
    return Detector(way, name, timeout_seconds=timeout, trace=trace)


@cache
def _function() -> Function:
    return Function(Environment.read(os.environ))


def _milliseconds(budget: TimeBudget) -> int:
    return round(budget.elapsed_seconds * 1000)
