"""The size of an image's packages: the installed files of the given distributions and of all their dependencies.

It runs in the environment that has them: `python -m benchmarks.installed numpy flask` prints MB by distribution.
"""

import json
import sys
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BYTES_PER_MB = 1_000_000


def megabytes(names: Iterable[str]) -> dict[str, float]:
    """MB by `name==version` of each distribution in `names` and of their requirements in this environment.

    A requirement of this platform that is not installed raises `importlib.metadata.PackageNotFoundError`.
    """
    sizes: dict[str, float] = {}
    seen: set[str] = set()
    left = list(names)
    while left:
        name = canonicalize_name(left.pop())
        if name in seen:
            continue
        seen.add(name)
        distribution = metadata.distribution(name)
        sizes[f"{name}=={distribution.version}"] = _bytes(distribution) / BYTES_PER_MB
        needed = [Requirement(text) for text in distribution.requires or []]
        # Without extras, because none is requested here.
        left += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return dict(sorted(sizes.items()))


def _bytes(distribution: metadata.Distribution) -> int:
    paths = {distribution.locate_file(file).resolve() for file in distribution.files or []}  # pyright: ignore[reportAttributeAccessIssue]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    print(json.dumps(megabytes(sys.argv[1:])))
