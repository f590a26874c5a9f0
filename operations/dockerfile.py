"""The files that a Dockerfile copies from the repository."""

import json
import re

# An instruction and its arguments, with continuation lines.
_COPY = re.compile(r"^[ \t]*(?:COPY|ADD)[ \t]+((?:\\\n|[^\n])*)", re.MULTILINE | re.IGNORECASE)


def copied(text: str) -> list[str]:
    """The sources of a Dockerfile's COPY and ADD instructions, without those from another build stage.

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


def entry_point(text: str) -> list[str]:
    """A Dockerfile's ENTRYPOINT, which has to be in its JSON form: the other one starts a shell."""
    (words,) = re.findall(r"^ENTRYPOINT[ \t]+(\[.*\])[ \t]*$", text, re.MULTILINE)
    return json.loads(words)


def base_image(text: str) -> str:
    """What the last FROM names."""
    return re.findall(r"^FROM[ \t]+(\S+)", text, re.MULTILINE)[-1]


def without_commands(text: str) -> str:
    """The Dockerfile without its RUN instructions: what it copies, on its base, and nothing that has to be fetched."""
    return re.sub(r"^[ \t]*RUN[ \t](?:\\\n|[^\n])*\n?", "", text, flags=re.MULTILINE | re.IGNORECASE)
