"""Errors that stop a run, and errors of single plans."""


class BulkError(Exception):
    """The run cannot continue; the text is one line with the reason and what to do. Running again resumes it."""


class BulkInputError(BulkError):
    """The archive or the results folder cannot be used as it is."""


class PlanError(Exception):
    """One plan has no rooms: `code` is for programs, as in the API, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


# Temporary errors: these plans are retried when the command is run again.
UNREADABLE = "unreadable"
DETECTOR_ERROR = "detector_error"
