"""Why a run ends without results: each message is one line that names the thing, its value and what to do."""

WRONG_INPUT = 2
FAILED = 1


class TrainingError(Exception):
    """A run that cannot be carried on; `exit_code` is what its process ends with."""

    exit_code = FAILED


class InputError(TrainingError):
    """What the run was given cannot be used: hyperparameters, plans, weights, checkpoints."""

    exit_code = WRONG_INPUT


class OccupiedError(InputError):
    """The folder belongs to another run, so that not even a failure is written into it."""


def one_line(error: BaseException) -> str:
    """The error's text on one line."""
    return " ".join(str(error).split()) or type(error).__name__
