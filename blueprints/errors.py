"""The one error of this package: its message names the thing, the value and what to do, on one line."""


class BlueprintError(ValueError):
    """A plan, a label file, an answer or an argument that cannot be used as it is."""
