"""Points and boxes in the plane. Their unit depends on the use; x grows to the right and y downwards."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""x_min, y_min, x_max, y_max."""
