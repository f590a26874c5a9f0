"""What a Dockerfile takes from the repository."""

import json
import re

# An instruction and its arguments, over every line that ends in a backslash.
_COPY = re.compile(r"^[ \t]*(?:COPY|ADD)[ \t]+((?:\\\n|[^\n])*)", re.MULTILINE | re.IGNORECASE)


def copied(text: str) -> list[str]:
    """The sources of a Dockerfile's COPY and ADD instructions, without what comes from another stage of the build.

    They are paths from the build's folder; patterns and variables are not resolved.
    Source: https://docs.docker.com/reference/dockerfile/#copy
    """
    sources: list[str] = []
    for arguments in _COPY.findall(text):
        words = arguments.replace("\\\n", " ").split()
        flags = [word for word in words if word.startswith("--")]
        rest = words[len(flags) :]
        if not any(flag.startswith("--from=") for flag in flags):
            sources += (json.loads(" ".join(rest)) if rest[0].startswith("[") else rest)[:-1]
    return sources
