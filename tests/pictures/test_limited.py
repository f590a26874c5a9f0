"""Decoding ends in its time and its memory, whatever the file makes of it."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from pictures import limited, limits, pixels
from pictures.errors import TooLargeError, UnreadableError
from pictures.file import open_file
from tests.images.inference.plans import PLAN, encode

pytestmark = pytest.mark.whole

MEGABYTE = 1_000_000


def test_work_is_done_in_a_process_that_ends_afterwards() -> None:
    answer = limited.run(lambda: str(os.getpid()).encode(), seconds=30, memory_bytes=100 * MEGABYTE)
    assert int(answer) != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(int(answer), 0)


def test_an_answer_of_any_length_arrives_whole() -> None:
    answer = limited.run(lambda: bytes(range(256)) * 100_000, seconds=60, memory_bytes=200 * MEGABYTE)
    assert answer == bytes(range(256)) * 100_000


def test_work_without_end_is_stopped() -> None:
    with pytest.raises(limited.OverTimeError):
        limited.run(lambda: time.sleep(600) or b"", seconds=0.2, memory_bytes=100 * MEGABYTE)


def test_work_that_wants_too_much_memory_is_stopped() -> None:
    with pytest.raises(limited.OverMemoryError):
        limited.run(lambda: bytes(400 * MEGABYTE), seconds=60, memory_bytes=100 * MEGABYTE)


@pytest.mark.parametrize("work", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0, lambda: os._exit(0)])
def test_work_that_ends_its_process_is_an_error_here(work) -> None:
    with pytest.raises(limited.CrashedError):
        limited.run(work, seconds=60, memory_bytes=100 * MEGABYTE)


def test_a_crash_is_seen_at_once_while_other_work_goes_on() -> None:
    let_go, waiting = os.pipe()
    other = threading.Thread(
        target=limited.run, args=(lambda: os.read(let_go, 1),), kwargs={"seconds": 60, "memory_bytes": 100 * MEGABYTE}
    )
    other.start()
    try:
        for _ in range(5):
            with pytest.raises(limited.CrashedError):
                limited.run(lambda: os._exit(1), seconds=50, memory_bytes=100 * MEGABYTE)
        assert other.is_alive()
    finally:
        os.write(waiting, b"x")
        other.join()


def test_a_picture_that_takes_too_long_is_refused_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DECODE_SECONDS", 0.2)
    monkeypatch.setattr(pixels, "decode", lambda *_: time.sleep(600))
    with pytest.raises(UnreadableError, match=r"TIFF image takes more than 0.2 s to decode: export it again"):
        open_file(encode(PLAN, "TIFF")).read()


def test_a_picture_that_takes_too_much_memory_is_refused_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DECODE_MEMORY_BYTES", 100 * MEGABYTE)
    monkeypatch.setattr(pixels, "decode", lambda *_: bytes(400 * MEGABYTE))
    with pytest.raises(TooLargeError, match="TIFF image takes more than 100 MB to decode"):
        open_file(encode(PLAN, "TIFF")).read()


def test_a_decoder_that_crashes_makes_a_damaged_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "decode", lambda *_: os._exit(9))
    with pytest.raises(UnreadableError, match="TIFF image is damaged"):
        open_file(encode(PLAN, "TIFF")).read()


@pytest.mark.parametrize("name", ["PNG", "JPEG", "MPO", "TIFF", "WEBP", "GIF", "BMP", "AVIF", "HEIF", "PDF"])
def test_decoding_imports_nothing(name: str) -> None:
    """In a forked process it would wait for ever for a thread that was importing the same, and is not there."""
    code = """
import sys
from pictures.file import open_file
picture = open_file(sys.stdin.buffer.read())
known = set(sys.modules)
picture.format.decoder.decode(picture.format.pillow_name, picture.structure, 320)
print(*sorted(set(sys.modules) - known))
"""
    more = {"save_all": True, "append_images": [PLAN.convert("RGB")]} if name == "MPO" else {}
    content = encode(PLAN.convert("RGB"), name, **more)
    ended = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr.decode()
    assert ended.stdout.split() == []
