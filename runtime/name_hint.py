"""Name hints: a few words that distinguish a room from the other rooms of its plan."""

_ROWS = ("Upper", "Middle", "Lower")
_COLUMNS = ("left", "center", "right")

# Tertiles of the 17,700 labelled rooms of the training and development plans (1.3 % and 4.6 % of the plan), rounded.
_SMALL_BELOW = 0.015
_LARGE_FROM = 0.05

_SQUARE_UP_TO = 1.25
_NARROW_FROM = 2.0


def generate_name_hint(bounding_box: list[int], plan_width: int, plan_height: int) -> str:
    """Position, size and shape of a room, for example `"Upper left, small, narrow"`.

    `bounding_box` is `[x_min, y_min, x_max, y_max]` in 0..1000 of the plan; `plan_width` and `plan_height` are the
    plan's size in pixels; only their ratio matters. The rule:

    - position: the cell of a 3 x 3 grid over the plan that contains the box's center. Rows are `Upper`, `Middle` and
      `Lower`, columns `left`, `center` and `right`; the cell in the middle is `Center`.
    - size: the box's share of the plan's area: below 1.5 % `small`, from 5 % on `large`, else `medium`.
    - shape: the ratio of the box's long side to its short side, in pixels: up to 1.25 `square`, from 2 on `narrow`
      (in either direction), in between `wide` or `tall`.
    """
    x_min, y_min, x_max, y_max = bounding_box
    row = _ROWS[_third(y_min + y_max)]
    column = _COLUMNS[_third(x_min + x_max)]
    position = "Center" if (row, column) == ("Middle", "center") else f"{row} {column}"
    return f"{position}, {_size(bounding_box)}, {_shape(bounding_box, plan_width, plan_height)}"


def _third(doubled_center: int) -> int:
    """0, 1 or 2: the third of 0..1000 that contains half of `doubled_center`."""
    return min(doubled_center * 3 // 2000, 2)


def _size(bounding_box: list[int]) -> str:
    x_min, y_min, x_max, y_max = bounding_box
    share = (x_max - x_min) * (y_max - y_min) / 1000**2
    if share < _SMALL_BELOW:
        return "small"
    return "large" if share >= _LARGE_FROM else "medium"


def _shape(bounding_box: list[int], plan_width: int, plan_height: int) -> str:
    x_min, y_min, x_max, y_max = bounding_box
    width = (x_max - x_min) * plan_width
    height = (y_max - y_min) * plan_height
    ratio = max(width, height) / min(width, height)
    if ratio <= _SQUARE_UP_TO:
        return "square"
    if ratio >= _NARROW_FROM:
        return "narrow"
    return "wide" if width > height else "tall"
