"""Finds the rooms of an uploaded blueprint."""

import time
import uuid

from aws_lambda_powertools.logging.logger import Logger

from runtime.blueprint_image import DetectorImage, open_page, scale_for_detector
from runtime.errors import (
    DetectorTimeoutError,
    ImageGoneError,
    ImageTooLargeError,
    InternalError,
    InvalidImageError,
    RoomDetectionError,
)
from runtime.metrics import FunctionMetrics
from runtime.payloads import Findings
from runtime.rooms import with_name_hints
from runtime.stores.blueprint_records import BlueprintRecords
from runtime.stores.detector import Detector
from runtime.stores.image_store import ImageStore
from runtime.time_budget import TimeBudget


class BlueprintProcessing:
    """Room detection with one set of stores."""

    def __init__(
        self,
        *,
        images: ImageStore,
        records: BlueprintRecords,
        detector: Detector,
        detector_timeout_seconds: int,
        takeover_seconds: int,
        logger: Logger,
        metrics: FunctionMetrics,
    ) -> None:
        """`takeover_seconds`: the time after which a record that is still `processing` can be processed again."""
        self._images = images
        self._records = records
        self._detector = detector
        self._detector_timeout_seconds = detector_timeout_seconds
        self._takeover_seconds = takeover_seconds
        self._logger = logger
        self._metrics = metrics

    def process_blueprint(self, blueprint_id: str, page: int, budget: TimeBudget) -> Findings:
        """The rooms of a blueprint's page, from 1, in descending order of confidence: detected now, or stored before.

        Any error after the blueprint was taken leaves the record `failed` with the reason, ready for
        another try. Raises NotFoundError, InvalidRequestError for a page that does not exist, AlreadyProcessingError,
        InvalidImageError or ImageTooLargeError for one that cannot be drawn, ImageGoneError, DetectorError,
        UnavailableError or DetectorTimeoutError.
        """
        attempt = str(uuid.uuid4())
        record = self._records.start_processing(blueprint_id, page, attempt)
        if record.findings is not None:
            return record.findings
        try:
            findings = self._records.complete(blueprint_id, page, attempt, self._find(record.s3_key, page, budget))
        except Exception as error:
            self._mark_failed(blueprint_id, attempt, error)
            raise
        self._metrics.count("BlueprintsProcessed")
        self._metrics.count("RoomsDetected", len(findings["detected_rooms"]))
        return findings

    def _find(self, s3_key: str, page: int, budget: TimeBudget) -> Findings:
        image = self._detector_image(s3_key, page)
        seconds = budget.detector_seconds(self._detector_timeout_seconds)
        if seconds == 0:
            raise DetectorTimeoutError("No time was left to ask the detector: try again later.")
        started = time.monotonic()
        rooms = self._detector.detect(image.content, image.content_type, within_seconds=seconds)
        self._metrics.milliseconds("DetectionTime", (time.monotonic() - started) * 1000)
        return {
            "detected_rooms": with_name_hints(rooms, image.image["width"], image.image["height"]),
            "image": image.image,
            "page": image.page,
        }

    def _detector_image(self, s3_key: str, page: int) -> DetectorImage:
        content = self._images.get(s3_key)
        try:
            file = open_page(content, page)
        except (InvalidImageError, ImageTooLargeError) as error:
            if page > 1:  # no later page was opened at upload
                raise
            # It could be opened at upload, so the object has changed since. For the client, the image is gone.
            raise ImageGoneError("The blueprint's stored image can no longer be read: upload it again.") from error
        return scale_for_detector(file)

    def _mark_failed(self, blueprint_id: str, attempt: str, error: Exception) -> None:
        """Write `failed`, so that the next call can start at once; never raises, because `error` is what matters."""
        self._metrics.count("ProcessingFailures")
        told = isinstance(error, RoomDetectionError) and not isinstance(error, InternalError)
        reason = str(error) if told else InternalError.CLIENT_MESSAGE
        try:
            if not self._records.fail(blueprint_id, attempt, reason):
                self._logger.warning("another call took over the blueprint: its record is left unchanged")
        except RoomDetectionError as failure:
            self._logger.warning("the record could not be marked as failed", extra={"reason": failure.message})
            if isinstance(error, RoomDetectionError) and error.retry_after_seconds is not None:
                # The record stays `processing`: until it can be taken over, another call would get 409.
                error.retry_after_seconds = self._takeover_seconds
