"""A function's archive is unpacked once, however many functions share it."""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from local.functions.archive import unpack

FUNCTIONS = 8


def test_functions_that_unpack_the_same_archive_at_once_share_one_whole_directory(tmp_path: Path) -> None:
    archive = tmp_path / "functions.zip"
    names = {f"module_{number}.py" for number in range(200)}
    with zipfile.ZipFile(archive, "w") as content:
        for name in names:
            content.writestr(name, "x = 1\n")
    under = tmp_path / "run"
    under.mkdir()
    together = Barrier(FUNCTIONS)

    def unpack_with_the_others(_: int) -> Path:
        together.wait()
        return unpack(archive, under)

    with ThreadPoolExecutor(FUNCTIONS) as pool:
        directories = set(pool.map(unpack_with_the_others, range(FUNCTIONS)))
    assert len(directories) == 1
    assert {path.name for path in directories.pop().iterdir()} == names
    assert len(list(under.iterdir())) == 1, "the copies of the others are gone"


def test_an_archive_that_is_not_a_zip_file_leaves_nothing_behind(tmp_path: Path) -> None:
    archive = tmp_path / "functions.zip"
    archive.write_bytes(b"no zip file")
    under = tmp_path / "run"
    under.mkdir()
    with pytest.raises(zipfile.BadZipFile):
        unpack(archive, under)
    assert not list(under.iterdir())
