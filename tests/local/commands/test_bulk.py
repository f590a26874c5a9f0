"""An archive through the local stage's transform jobs: the API's rooms, once each, though the command was killed."""

import base64
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from bulk.options import Options
from local.account.calls import Call
from local.account.clients import AwsClients
from local.account.inputs import plain
from local.commands import bulk
from local.stack import LocalStack
from tests.local.http_calls import call
from tests.local.patience import wait_until
from tests.local.recording_proxy import recording_proxy

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "blueprints" / "sample.png"
PULUMI = f"""#!{sys.executable}
import os
print(os.environ["OUTPUTS"])
"""
# Several jobs of a few plans each.
PLANS_PER_JOB = 2
IMAGES = 4  # of the five plans with rooms, one is there twice


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five plans with rooms, of which one is another's copy; names of every kind; and a file that is cut off."""
    folder = tmp_path_factory.mktemp("plans")
    (folder / "floor 1").mkdir()
    with Image.open(SAMPLE) as opened:
        sample = opened.convert("RGB")
    (folder / "sample.png").write_bytes(SAMPLE.read_bytes())
    sample.resize((3200, 2400)).save(folder / "floor 1" / 'large $x #1 "ü".tiff', compression="tiff_deflate")
    sample.rotate(90, expand=True).save(folder / os.fsdecode(b"gr\xfcn.jpg"))
    sample.resize((400, 300)).save(folder / "floor 1" / "small.webp")
    (folder / "floor 1" / "sample.png").write_bytes(SAMPLE.read_bytes())
    (folder / "cut.png").write_bytes(SAMPLE.read_bytes()[:3000])
    return folder


@pytest.fixture
def sagemaker(stack: LocalStack) -> Any:
    return AwsClients(stack.services.jobs.address, stack.aws.region).client("sagemaker")


@dataclass(frozen=True, kw_only=True)
class ArchiveRuns:
    """Three runs of `python -m operations bulk` over one archive: killed, interrupted, and taken to the end.

    Attributes:
        started: what the killed run, then the interrupted one, said of the job that they had just started.
        interrupted: exit status and stderr.
        done: the lines that the interrupted run left.
        printed: by the last run.
        calls: that roles made meanwhile.
    """

    out: Path
    started: list[str]
    interrupted: tuple[int, str]
    done: dict[str, Any]
    printed: str
    calls: list[Call]


@pytest.fixture(scope="module")
def runs(stack: LocalStack, plans: Path, tmp_path_factory: pytest.TempPathFactory) -> ArchiveRuns:
    """With the running stage as AWS, and a script in the place of Pulumi's CLI."""
    folder = tmp_path_factory.mktemp("runs")
    out = folder / "out"
    program = folder / "pulumi"
    program.write_text(PULUMI)
    program.chmod(0o755)
    outputs = plain(stack.outputs)
    outputs["bulk"] |= {"plansPerJob": PLANS_PER_JOB, "concurrentJobs": 1}
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "OUTPUTS": json.dumps(outputs, default=str),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL_S3": stack.aws.url,
        "AWS_ENDPOINT_URL_SAGEMAKER": stack.services.jobs.address,
    }
    code = "from operations import __main__, bulk; bulk.POLL_SECONDS = 0.2; raise SystemExit(__main__.main())"
    command = [sys.executable, "-c", code, "bulk", "--stage", "local", "--out", str(out), str(plans)]

    def start() -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    before = len(stack.calls())
    started = []
    with start() as killed:
        assert killed.stderr is not None
        started.append(next(line for line in killed.stderr if line.startswith("started ")))
        killed.kill()
    with start() as interrupted:
        assert interrupted.stderr is not None
        # By now the killed run's job is done.
        started.append(next(line for line in interrupted.stderr if line.startswith("started ")))
        interrupted.send_signal(signal.SIGINT)
        said = interrupted.stderr.read()
    done = lines(out)
    with start() as last:
        printed, progress = last.communicate()
    assert last.returncode == 0, progress
    return ArchiveRuns(
        out=out,
        started=started,
        interrupted=(interrupted.returncode, said),
        done=done,
        printed=printed,
        calls=stack.calls()[before:],
    )


def api_rooms(stack: LocalStack, plan: Path) -> list[dict[str, Any]]:
    image = base64.b64encode(plan.read_bytes()).decode()
    uploaded = call("POST", f"{stack.api_url}/upload", body={"image": image}).json()
    processed = call("POST", f"{stack.api_url}/process", body={"blueprint_id": uploaded["blueprint_id"]})
    return processed.json()["detected_rooms"]


def lines(out: Path) -> dict[str, Any]:
    found = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    return {line.pop("plan"): line for line in found}


def test_a_killed_command_continues_and_every_image_is_answered_by_one_job(
    stack: LocalStack, sagemaker: Any, runs: ArchiveRuns
) -> None:
    names = [one.split()[1].rstrip(":") for one in runs.started]
    run = names[0].rpartition("-")[0]
    found = sagemaker.list_transform_jobs(NameContains=run)["TransformJobSummaries"]
    assert {one["TransformJobName"] for one in found} == set(names), "no job was repeated"
    assert len(names) == IMAGES / PLANS_PER_JOB
    jobs = [sagemaker.describe_transform_job(TransformJobName=name) for name in names]
    assert {one["TransformJobStatus"] for one in jobs} == {"Completed"}
    bucket = stack.outputs["bucketName"]
    prefix = f"batch/output/{run}"
    answers = stack.aws.client("s3").list_object_versions(Bucket=bucket, Prefix=prefix)["Versions"]
    assert len(answers) == IMAGES, "each image was answered once"


def test_every_plan_has_the_apis_rooms_and_its_picture(stack: LocalStack, plans: Path, runs: ArchiveRuns) -> None:
    assert "invalid_image" in runs.printed
    results = lines(runs.out)
    assert results.pop("cut.png")["error"]["code"] == "invalid_image"
    assert set(results) == {path.relative_to(plans).as_posix() for path in plans.rglob("*.*") if path.name != "cut.png"}
    for name, line in results.items():
        assert line["rooms"], name
        assert line["rooms"] == api_rooms(stack, plans / name), name
        with Image.open(runs.out / line["picture"]) as picture:
            assert max(picture.size) >= 1600


def test_an_interrupted_command_keeps_its_results_and_says_how_to_continue(runs: ArchiveRuns) -> None:
    status, said = runs.interrupted
    assert status == 128 + signal.SIGINT
    assert f"bulk: interrupted; the results so far are in {runs.out}/results.jsonl: run again to continue\n" in said
    assert "Traceback" not in said
    last = lines(runs.out)
    assert "cut.png" in runs.done
    for name, line in runs.done.items():
        # A picture may have been drawn since.
        assert line.items() <= last[name].items()


def test_a_job_works_with_the_models_role_in_its_own_folders(runs: ArchiveRuns) -> None:
    made = [one for one in runs.calls if one.action.startswith("s3:")]
    assert {one.role.rpartition("/")[2] for one in made} == {"RoomDetectionSageMakerInferenceRole-local"}
    folders = {(one.action, str(one.resource).split("/")[1]) for one in made}
    assert folders == {("s3:GetObject", "models"), ("s3:GetObject", "batch"), ("s3:PutObject", "batch")}


def request(stack: LocalStack, name: str, **changes: Any) -> dict[str, Any]:
    bulk = plain(stack.outputs["bulk"])
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{bulk['bucket']}/batch/input/{name}.manifest"}
    return {
        **bulk["request"],
        "TransformJobName": name,
        "TransformInput": {**bulk["request"]["TransformInput"], "DataSource": {"S3DataSource": source}},
        "TransformOutput": {"S3OutputPath": f"s3://{bulk['bucket']}/batch/output/{name}"},
        **changes,
    }


def ended(sagemaker: Any, name: str) -> dict[str, Any]:
    def described() -> dict[str, Any]:
        return sagemaker.describe_transform_job(TransformJobName=name)

    wait_until(lambda: described()["TransformJobStatus"] != "InProgress")
    return described()


def test_an_object_without_an_answer_fails_the_job_and_the_others_are_answered(
    stack: LocalStack, sagemaker: Any
) -> None:
    s3, bucket = stack.aws.client("s3"), stack.outputs["bucketName"]
    listed = [{"prefix": f"s3://{bucket}/batch/input/"}, "text", "gone", "sample"]
    s3.put_object(Bucket=bucket, Key="batch/input/offenders.manifest", Body=json.dumps(listed))
    s3.put_object(Bucket=bucket, Key="batch/input/text", Body=b"no picture")
    s3.put_object(Bucket=bucket, Key="batch/input/sample", Body=SAMPLE.read_bytes())
    sagemaker.create_transform_job(**request(stack, "offenders"))
    described = ended(sagemaker, "offenders")
    assert described["TransformJobStatus"] == "Failed"
    assert described["FailureReason"].startswith("ClientError: ")
    written = s3.list_objects_v2(Bucket=bucket, Prefix="batch/output/offenders/")["Contents"]
    assert [entry["Key"] for entry in written] == ["batch/output/offenders/sample.out"]


def test_job_names_are_unique_and_their_models_must_exist(stack: LocalStack, sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="Could not find model nowhere"):
        sagemaker.create_transform_job(**request(stack, "no-model", ModelName="nowhere"))
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_transform_job(TransformJobName="no-model")
    sagemaker.create_transform_job(**request(stack, "twice"))
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.create_transform_job(**request(stack, "twice"))
    assert "NoSuchKey" in ended(sagemaker, "twice")["FailureReason"], "there is no manifest"


def test_a_job_can_be_stopped(stack: LocalStack, sagemaker: Any) -> None:
    sagemaker.create_transform_job(**request(stack, "stopped"))
    sagemaker.stop_transform_job(TransformJobName="stopped")
    assert ended(sagemaker, "stopped")["TransformJobStatus"] == "Stopped"


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """A whole `python -m local bulk`, in an environment that names a proxy, and what the proxy was asked."""

    ended: "subprocess.CompletedProcess[str]"
    out: Path
    proxied: list[str]


@pytest.fixture(scope="module")
def local_run(plans: Path, tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    out = tmp_path_factory.mktemp("local") / "out"
    command = [sys.executable, "-m", "local", "bulk", "--out", str(out), "--no-pictures", "--format", "json"]
    with recording_proxy() as proxy:
        environment = {**os.environ, **proxy.environment()}
        ended = subprocess.run(
            [*command, str(plans)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    return LocalRun(ended=ended, out=out, proxied=proxy.requests)


def test_one_command_starts_the_stage_processes_the_archive_and_stops_the_stage(local_run: LocalRun) -> None:
    assert local_run.ended.returncode == 0, local_run.ended.stderr
    summary = json.loads(local_run.ended.stdout)
    assert (summary["plans"], summary["found"], summary["errors"]) == (6, 5, {"invalid_image": 1})
    assert len(lines(local_run.out)) == 6


def test_no_proxy_is_used_for_addresses_of_this_machine(local_run: LocalRun) -> None:
    assert local_run.ended.returncode == 0
    assert local_run.proxied == []


def test_a_wrong_archive_is_refused_before_a_stage_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = Options(plans="nowhere", out=Path("out"), instances=None, pictures=False, output_format="text")
    assert bulk.run(options) == 2
    refused = "bulk: nowhere: is not a folder: give a folder of plans, or s3://<bucket>/<prefix>\n"
    assert capsys.readouterr().err == refused, "not a word of a stage"
