"""The error of this package: one line that names the thing, its value and what to do."""


class BlueprintError(ValueError):
    """A plan, a label file, an answer or an argument that cannot be used as it is."""
