"""A run takes every plan to its rooms or to the reason why not, once, whatever becomes of its jobs and of itself."""

import hashlib
import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from PIL import Image

from bulk import command, results
from bulk.options import Options
from bulk.preparation import prepare
from bulk.run import InterruptedRunError
from tests.bulk.account import ANSWER, BUCKET, ROOM, SageMaker, outputs, s3_with_bucket

pytestmark = pytest.mark.whole

HINTED = {**ROOM, "name_hint": "Upper left, large, wide"}


# What the plans of `image` are, in the API's words.
SOURCE = {"image": {"width": 64, "height": 48}, "page": {"number": 1, "count": 1}}


def image(shade: int, size: tuple[int, int] = (64, 48), image_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size, shade).save(buffer, image_format)
    return buffer.getvalue()


def key(content: bytes) -> str:
    return hashlib.sha256(prepare(content).content).hexdigest()


@pytest.fixture
def sagemaker() -> Iterator[SageMaker]:
    with mock_aws():
        yield SageMaker(s3=s3_with_bucket())


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    """Four plans: three images, of which one twice."""
    folder = tmp_path / "plans"
    (folder / "floor 1").mkdir(parents=True)
    (folder / "a.png").write_bytes(image(10))
    (folder / "b.png").write_bytes(image(20))
    (folder / "floor 1" / "a.png").write_bytes(image(30))
    (folder / "floor 1" / "copy of b.png").write_bytes(image(20))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def bulk(
    sagemaker: SageMaker,
    plans: Path | str,
    out: Path,
    *,
    pictures: bool = False,
    instances: int | None = None,
    output_format: str = "text",
    stop: threading.Event | None = None,
    **changes: Any,
) -> int:
    options = Options(plans=str(plans), out=out, instances=instances, pictures=pictures, output_format=output_format)
    return command.run(options, outputs(**changes), s3=sagemaker.s3, sagemaker=sagemaker, poll_seconds=0.01, stop=stop)


def lines(out: Path) -> dict[str, Any]:
    found = [json.loads(line) for line in (out / results.RESULTS).read_text().splitlines()]
    return {line.pop("plan"): line for line in found}


def uploads(sagemaker: SageMaker) -> Counter[str]:
    """How often each input was uploaded: the bucket keeps every version."""
    versions = sagemaker.s3.list_object_versions(Bucket=BUCKET, Prefix="batch/input/").get("Versions", [])
    names = [version["Key"].rpartition("/")[2] for version in versions]
    return Counter(name for name in names if not name.endswith(".manifest"))


def test_every_plan_gets_the_rooms_of_its_image_and_an_image_is_sent_once(
    sagemaker: SageMaker, plans: Path, out: Path
) -> None:
    assert bulk(sagemaker, plans, out) == 0
    names = ["a.png", "b.png", "floor 1/a.png", "floor 1/copy of b.png"]
    assert lines(out) == {name: {"rooms": [HINTED], **SOURCE} for name in names}
    assert uploads(sagemaker) == {key(image(shade)): 1 for shade in (10, 20, 30)}
    (job,) = sagemaker.jobs.values()
    assert sorted(job.inputs) == sorted(uploads(sagemaker))


def test_the_lines_are_in_the_order_of_the_plans_names(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    bulk(sagemaker, plans, out)
    assert list(lines(out)) == sorted(lines(out))


def test_a_file_that_the_detector_could_not_read_is_named_with_the_apis_error_and_not_sent(
    sagemaker: SageMaker, plans: Path, out: Path
) -> None:
    (plans / "empty.png").touch()
    (plans / "notes.txt").write_text("no plan")
    (plans / "wide.png").write_bytes(image(0, size=(12_001, 1)))
    assert bulk(sagemaker, plans, out) == 0, "that these have no rooms will not change"
    found = lines(out)
    assert {name: found[name]["error"]["code"] for name in ("empty.png", "notes.txt", "wide.png")} == {
        "empty.png": "invalid_image",
        "notes.txt": "invalid_image",
        "wide.png": "image_too_large",
    }
    assert "12001 x 1 px" in found["wide.png"]["error"]["message"]
    assert uploads(sagemaker).total() == 3


def test_plans_are_drawn_with_their_rooms_unless_told_otherwise(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    assert bulk(sagemaker, plans, out, pictures=True) == 0
    found = lines(out)
    assert found["floor 1/a.png"]["picture"] == "pictures/floor 1/a.png.rooms.png"
    for line in found.values():
        with Image.open(out / line["picture"]) as drawn:
            assert drawn.size == (1600, 1200)
            assert drawn.mode == "RGB"
    other = out.with_name("other")
    assert bulk(sagemaker, plans, other) == 0
    assert not (other / "pictures").exists()


def test_pictures_that_were_left_out_are_drawn_later_without_another_job(
    sagemaker: SageMaker, plans: Path, out: Path
) -> None:
    bulk(sagemaker, plans, out)
    assert bulk(sagemaker, plans, out, pictures=True) == 0
    assert len(sagemaker.jobs) == 1
    assert len(list(out.rglob("*.rooms.png"))) == 4


def test_an_archive_is_split_into_jobs_of_limited_size(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    assert bulk(sagemaker, plans, out, plansPerJob=2) == 0
    assert [len(job.inputs) for job in sagemaker.jobs.values()] == [2, 1]
    assert len(lines(out)) == 4


def test_a_jobs_instances_are_the_stages_or_those_asked_for(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    bulk(sagemaker, plans, out)
    bulk(sagemaker, plans, out.with_name("other"), instances=3)
    assert [job.request["TransformResources"]["InstanceCount"] for job in sagemaker.jobs.values()] == [1, 3]


def test_plans_in_s3_are_processed_like_those_of_a_folder(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    for path in plans.rglob("*.png"):
        name = path.relative_to(plans).as_posix()
        sagemaker.s3.put_object(Bucket=BUCKET, Key=f"archive/2024/{name}", Body=path.read_bytes())
    sagemaker.s3.put_object(Bucket=BUCKET, Key="archive/2024/", Body=b"")
    assert bulk(sagemaker, f"s3://{BUCKET}/archive/2024/", out, pictures=True) == 0
    assert set(lines(out)) == {"a.png", "b.png", "floor 1/a.png", "floor 1/copy of b.png"}
    assert len(list(out.rglob("*.rooms.png"))) == 4


# --- continuing


def test_a_finished_run_has_nothing_left_to_do(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    bulk(sagemaker, plans, out, pictures=True)
    before, drawn = lines(out), {path: path.stat().st_mtime_ns for path in out.rglob("*.rooms.png")}
    assert bulk(sagemaker, plans, out, pictures=True) == 0
    assert lines(out) == before
    assert len(sagemaker.jobs) == 1
    assert set(uploads(sagemaker).values()) == {1}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.rooms.png")} == drawn


def test_new_and_changed_plans_are_added_and_deleted_ones_are_left_out(
    sagemaker: SageMaker, plans: Path, out: Path
) -> None:
    bulk(sagemaker, plans, out)
    (plans / "a.png").write_bytes(image(40, size=(80, 60)))
    (plans / "c.png").write_bytes(image(50))
    (plans / "b.png").unlink()
    assert bulk(sagemaker, plans, out) == 0
    assert set(lines(out)) == {"a.png", "c.png", "floor 1/a.png", "floor 1/copy of b.png"}
    _, second = sagemaker.jobs.values()
    assert sorted(second.inputs) == sorted([key(image(40, size=(80, 60))), key(image(50))])


class Interrupting:
    """SageMaker's calls, of which one never returns to the command: it is cut off before it is made, or after."""

    def __init__(self, sagemaker: SageMaker, operation: str, *, made: bool) -> None:
        self._sagemaker = sagemaker
        self.s3 = sagemaker.s3
        self._operation = operation
        self._made = made

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            if operation == self._operation and not self._made:
                raise InterruptedRunError
            answer = getattr(self._sagemaker, operation)(**request)
            if operation == self._operation:
                raise InterruptedRunError
            return answer

        return call


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("operation", ["create_transform_job", "describe_transform_job"])
def test_a_killed_command_continues_with_its_uploads_and_with_the_job_that_it_started(
    sagemaker: SageMaker, plans: Path, out: Path, operation: str, made: bool
) -> None:
    interrupting: Any = Interrupting(sagemaker, operation, made=made)
    with pytest.raises(InterruptedRunError):
        bulk(interrupting, plans, out)
    assert bulk(sagemaker, plans, out) == 0
    assert len(lines(out)) == 4
    assert len(sagemaker.jobs) == 1
    assert set(uploads(sagemaker).values()) == {1}


def test_a_run_that_is_told_to_stop_keeps_its_results(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedRunError):
        bulk(sagemaker, plans, out, stop=stop)
    assert lines(out) == {}
    assert bulk(sagemaker, plans, out) == 0
    assert len(lines(out)) == 4


def test_uploads_that_expired_before_their_job_began_are_repeated(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    interrupting: Any = Interrupting(sagemaker, "create_transform_job", made=False)
    with pytest.raises(InterruptedRunError):
        bulk(interrupting, plans, out)
    for entry in sagemaker.s3.list_objects_v2(Bucket=BUCKET, Prefix="batch/input/")["Contents"]:
        sagemaker.s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    assert bulk(sagemaker, plans, out) == 0
    assert len(lines(out)) == 4


def test_results_of_another_archive_or_another_model_are_not_mixed_in(
    sagemaker: SageMaker, plans: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bulk(sagemaker, plans, out)
    before = (out / results.RESULTS).read_bytes()
    capsys.readouterr()
    assert bulk(sagemaker, plans / "floor 1", out) == 2
    assert f"bulk: {out}: has the results of archive {plans}, not of {plans / 'floor 1'}" in capsys.readouterr().err
    retrained = {**outputs(), "modelDataUrl": "s3://bucket/models/retrained/model.tar.gz"}
    options = Options(plans=str(plans), out=out, instances=None, pictures=False, output_format="text")
    assert command.run(options, retrained, s3=sagemaker.s3, sagemaker=sagemaker, poll_seconds=0.01) == 2
    assert "has the results of model s3://" in capsys.readouterr().err
    assert (out / results.RESULTS).read_bytes() == before


# --- jobs that fail


def test_a_plan_that_fails_its_job_is_retried_once_and_then_named_while_all_others_get_their_rooms(
    sagemaker: SageMaker, plans: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offender = key(image(30))
    sagemaker.offenders = {offender}
    assert bulk(sagemaker, plans, out) == 1
    found = lines(out)
    _, second = sagemaker.jobs.values()
    assert second.inputs == [offender]
    (error,) = [line["error"] for line in found.values() if "error" in line]
    assert error["code"] == "detector_error"
    assert error["message"].endswith(f"{second.request['TransformJobName']}: ClientError: See job logs")
    assert len([line for line in found.values() if line.get("rooms") == [HINTED]]) == 3
    assert capsys.readouterr().err.splitlines()[-1] == (
        "bulk: 1 plans could not be read or got no answer: run the command again to retry them"
    )


def test_a_plan_without_an_answer_is_retried_by_the_next_command(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    sagemaker.offenders = {key(image(30))}
    bulk(sagemaker, plans, out)
    sagemaker.offenders = set()
    assert bulk(sagemaker, plans, out) == 0
    assert list(lines(out).values()) == 4 * [{"rooms": [HINTED], **SOURCE}]
    assert [len(job.inputs) for job in sagemaker.jobs.values()] == [3, 1, 1]


def test_a_stage_whose_first_job_answers_nothing_gets_no_second_job(
    sagemaker: SageMaker, plans: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sagemaker.refuses_to = 1
    assert bulk(sagemaker, plans, out) == 1
    (job,) = sagemaker.jobs
    assert f"bulk: {job} answered none of its 3 plans: AlgorithmError: no such model" in capsys.readouterr().err
    assert bulk(sagemaker, plans, out) == 0, "once that is corrected, the command goes on"
    assert set(uploads(sagemaker).values()) == {1}


def test_a_stopped_job_ends_the_command_and_the_next_command_continues(
    sagemaker: SageMaker, plans: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sagemaker.stops = True
    assert bulk(sagemaker, plans, out) == 1
    assert "was stopped: run the command again" in capsys.readouterr().err
    assert bulk(sagemaker, plans, out) == 0
    assert len(lines(out)) == 4


def test_a_malformed_answer_is_an_error_of_the_detector(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    sagemaker.answer = b"[]"
    assert bulk(sagemaker, plans, out) == 1
    assert {line["error"]["code"] for line in lines(out).values()} == {"detector_error"}


def test_a_refusal_of_aws_ends_the_run_and_keeps_its_results(sagemaker: SageMaker, plans: Path, out: Path) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        bulk(sagemaker, plans, out, bucket="another-bucket")
    assert lines(out) == {}


# --- what the command prints and refuses


def test_the_summary_counts_plans_rooms_and_reasons(
    sagemaker: SageMaker, plans: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (plans / "notes.txt").write_text("no plan")
    bulk(sagemaker, plans, out, output_format="json")
    summary = {
        "plans": 5,
        "found": 4,
        "rooms": 4,
        "errors": {"invalid_image": 1},
        "left": 0,
        "pictures": 0,
        "jobs": 1,
        "results": str(out / "results.jsonl"),
    }
    printed = capsys.readouterr()
    assert json.loads(printed.out) == summary
    assert "uploaded" in printed.err, "progress"
    bulk(sagemaker, plans, out)
    table = capsys.readouterr().out
    assert f"Wrote {out}/results.jsonl" in table
    assert "without: invalid_image" in table


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        ("", "no archive is given: give a folder of plans, or s3://<bucket>/<prefix>"),
        ("nowhere", "nowhere: is not a folder: give a folder of plans, or s3://<bucket>/<prefix>"),
        ("s3://", "s3://: has no bucket name: give s3://<bucket>/<prefix>"),
        ("s3://no-such-bucket/plans", "s3://no-such-bucket/plans: cannot be listed: "),
        (f"s3://{BUCKET}/nothing/", f"s3://{BUCKET}/nothing/: contains no plans"),
    ],
)
def test_an_archive_that_cannot_be_used_is_one_line(
    sagemaker: SageMaker, out: Path, archive: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bulk(sagemaker, archive, out) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"bulk: {problem}")
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_an_archive_without_plans_does_not_take_the_results_folder(
    sagemaker: SageMaker, plans: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert bulk(sagemaker, tmp_path / "empty", out) == 2
    assert bulk(sagemaker, plans, out) == 0


def test_an_emptied_archive_keeps_the_results_of_its_plans(
    sagemaker: SageMaker, plans: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bulk(sagemaker, plans, out, pictures=True) == 0
    plans.rename(tmp_path / "unmounted")
    plans.mkdir()
    assert bulk(sagemaker, plans, out, pictures=True) == 2
    assert capsys.readouterr().err.endswith("contains no plans: give a folder or prefix with plans\n")
    plans.rmdir()
    (tmp_path / "unmounted").rename(plans)
    picture = out / results.picture_path("a.png")
    drawn = picture.stat().st_mtime_ns
    assert bulk(sagemaker, plans, out, pictures=True) == 0
    assert picture.stat().st_mtime_ns == drawn


def test_wrong_options_and_a_stage_without_a_model_are_one_line(
    sagemaker: SageMaker, plans: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bulk(sagemaker, plans, out, instances=0) == 2
    assert capsys.readouterr().err == "bulk: --instances 0: must be 1 or more\n"
    options = Options(plans=str(plans), out=out, instances=None, pictures=False, output_format="text")
    empty = {"bulk": None, "modelDataUrl": ""}
    assert command.run(options, empty, s3=sagemaker.s3, sagemaker=sagemaker, poll_seconds=0.01) == 2
    assert capsys.readouterr().err.startswith("bulk: the stage has no model to process plans with")
    assert not out.exists()


def test_the_answers_shape_is_the_images(sagemaker: SageMaker) -> None:
    assert results.parse_answer(json.dumps(ANSWER).encode()) == [HINTED]
