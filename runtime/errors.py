"""The API's errors. Each class carries its HTTP status and code; `handler.error_response` turns them into answers.

`forbidden` (403) and `too_many_requests` (429) are not here: only API Gateway returns them.
"""


class RoomDetectionError(Exception):
    """An error that becomes an HTTP answer.

    `message` is sent to the client: it names the thing and says what to change. `retry_after_seconds` becomes the
    `Retry-After` header if it is not None.
    """

    status: int
    code: str
    retry_after_seconds: int | None = None

    def __init__(self, message: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if retry_after_seconds is not None:
            self.retry_after_seconds = retry_after_seconds


class InvalidRequestError(RoomDetectionError):
    """Not JSON, a wrong type, a missing field, not base64, empty, an id that is not a UUID, no such page."""

    status, code = 400, "invalid_request"


class InvalidImageError(RoomDetectionError):
    """Not an image, an unsupported format, or an image that does not decode completely."""

    status, code = 400, "invalid_image"


class ImageTooLargeError(RoomDetectionError):
    """More pixels than the limit, found in the header before anything is decoded."""

    status, code = 400, "image_too_large"


class NotFoundError(RoomDetectionError):
    """An unknown or expired blueprint, or a route that does not exist."""

    status, code = 404, "not_found"


class AlreadyProcessingError(RoomDetectionError):
    """Another call is processing this blueprint."""

    status, code = 409, "already_processing"
    retry_after_seconds = 5


class ImageGoneError(RoomDetectionError):
    """The record exists, but its image does not (or can no longer be read)."""

    status, code = 410, "image_gone"


class PayloadTooLargeError(RoomDetectionError):
    """The request is larger than Lambda accepts."""

    status, code = 413, "payload_too_large"


class InternalError(RoomDetectionError):
    """A fault of the service. The message is only for the log: clients get `CLIENT_MESSAGE`."""

    status, code = 500, "internal_error"
    CLIENT_MESSAGE = "The service failed. Try again. If it keeps failing, report the request_id."


class DetectorError(RoomDetectionError):
    """The detector answered 4xx, 5xx or something that is not a list of rooms."""

    status, code = 502, "detector_error"


class UnavailableError(RoomDetectionError):
    """The detector is missing, or S3, DynamoDB or the detector is throttled or cannot be reached."""

    status, code = 503, "unavailable"
    retry_after_seconds = 5


class DetectorTimeoutError(RoomDetectionError):
    """The detector did not answer in time."""

    status, code = 504, "detector_timeout"
