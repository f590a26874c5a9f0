"""What `make images-local` says where it cannot go on. `.ci/run` runs it to its end, with real images."""

from pathlib import Path

import pytest

from operations import container_engine, image_trial
from operations.dockerfile import base_image, entry_point, without_commands
from operations.external import OperationError
from operations.images import IMAGES, Image


def program(folder: Path, name: str, code: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is PATH alone, up to the shell's own programs."""
    for name in ("sh", "false"):
        (tmp_path / name).symlink_to(Path("/bin") / name)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_client_without_its_daemon_is_not_an_engine(path: Path):
    program(path, "docker", "exit 1")
    program(path, "buildah", "exit 0")
    assert container_engine.find().program == "buildah"


def test_a_machine_that_builds_no_images_says_what_to_do(path: Path):
    program(path, "docker", "exit 1")
    with pytest.raises(OperationError, match=r"neither docker, podman nor buildah works here: .*ENGINE=<program>"):
        image_trial.run()


def test_a_missing_engine_is_named(path: Path):
    with pytest.raises(OperationError, match="ENGINE=dokcer: there is no such program: give docker, podman, buildah"):
        image_trial.run("dokcer")


def test_a_build_that_fails_ends_the_trial(tmp_path: Path):
    engine = program(tmp_path, "engine", "exit 4")
    with pytest.raises(OperationError, match="room-detection-inference:local: exit status 4"):
        image_trial.run(str(engine))


def test_a_container_that_ends_at_once_ends_the_trial_with_what_it_said(tmp_path: Path):
    engine = program(tmp_path, "engine", '[ "$1" = build ] || { echo "no such library" >&2; exit 1; }')
    with pytest.raises(OperationError, match="failed; it said: no such library"):
        image_trial.run(str(engine))


def test_a_build_finds_the_ignore_file_beside_its_dockerfile(tmp_path: Path):
    kept = tmp_path / "kept"
    engine = program(tmp_path, "engine", f'[ "$1" = build ] || exit 1; cat "$2" "$2.dockerignore" >{kept}')
    with pytest.raises(OperationError):
        image_trial.run(str(engine))
    image = IMAGES[0]
    ignored = container_engine.ignore_file(image.dockerfile)
    assert kept.read_text() == image.dockerfile.read_text() + ignored.read_text()


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_a_dockerfile_says_what_it_starts_and_from_what(image: Image):
    text = image.dockerfile.read_text()
    assert entry_point(text) == ["python", "-m", f"images.{image.name}"]
    assert base_image(text).startswith("python:3.11.")
    copies = without_commands(text)
    assert "RUN" not in copies
    assert "pip install" not in copies
    assert copies.count("COPY") == text.count("\nCOPY") > 2
