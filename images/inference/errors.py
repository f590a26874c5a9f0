"""Errors in requests, and reasons why the server cannot answer; each error has its HTTP status and code.

The codes are the API's; the messages say what is wrong and what to change.
"""

from typing import ClassVar


class RequestError(Exception):
    """A request that is answered with an error; `str(error)` is the message that the client reads."""

    status: ClassVar[int]
    code: ClassVar[str]


class InvalidRequestError(RequestError):
    status = 400
    code = "invalid_request"


class InvalidImageError(RequestError):
    status = 400
    code = "invalid_image"


class ImageTooLargeError(RequestError):
    status = 400
    code = "image_too_large"


class RequestTimeoutError(RequestError):
    status = 408
    code = "request_timeout"


class PayloadTooLargeError(RequestError):
    status = 413
    code = "payload_too_large"


class UnsupportedMediaTypeError(RequestError):
    status = 415
    code = "unsupported_media_type"


class UnavailableError(RequestError):
    status = 503
    code = "unavailable"
