"""A set goes to where training reads it, an upload continues where it stopped, and each refusal of AWS is one line."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from blueprints.datasets import upload
from blueprints.errors import BlueprintError
from tests.blueprints.datasets.labelled import add

pytestmark = pytest.mark.whole

BUCKET = "room-detection-plans"
REGION = "us-east-2"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    add(tmp_path / "set" / "training", "train", "a.png", 1)
    add(tmp_path / "set" / "training", "train", "b.png", 2)
    add(tmp_path / "set" / "validation", "val", "c.png", 3)
    add(tmp_path / "set" / "test", "test", "d.png", 4)
    return tmp_path / "set"


def _upload(directory: Path, bucket: str = BUCKET) -> upload.Report:
    return upload.upload(directory, bucket, REGION, lambda *_: None)


def _keys(s3) -> set[str]:
    return {one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def test_the_channels_are_uploaded_under_their_prefixes_and_the_test_split_is_not(s3, plans: Path) -> None:
    report = _upload(plans)
    assert _keys(s3) == {
        "training/images/train/a.png",
        "training/images/train/b.png",
        "training/labels/train/a.txt",
        "training/labels/train/b.txt",
        "validation/images/val/c.png",
        "validation/labels/val/c.txt",
    }
    assert (report.sent, report.kept, report.others) == (6, 0, ())
    assert report.sent_bytes == sum(path.stat().st_size for path in upload.files(plans).values())


def test_the_uploaded_bytes_are_those_of_the_files(s3, plans: Path) -> None:
    _upload(plans)
    for key, path in upload.files(plans).items():
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == path.read_bytes()


def test_a_second_upload_sends_only_what_has_changed(s3, plans: Path) -> None:
    _upload(plans)
    labels = plans / "training" / "labels" / "train" / "a.txt"
    labels.write_text(labels.read_text().replace("0.25", "0.26"))
    s3.delete_object(Bucket=BUCKET, Key="validation/images/val/c.png")
    report = _upload(plans)
    assert (report.sent, report.kept) == (2, 4), "one of the same size with other content, and one that is gone"
    body = s3.get_object(Bucket=BUCKET, Key="training/labels/train/a.txt")["Body"].read()
    assert body == labels.read_bytes()


def test_an_object_that_was_put_there_without_a_checksum_is_sent_again(s3, plans: Path) -> None:
    key = "training/images/train/a.png"
    s3.put_object(Bucket=BUCKET, Key=key, Body=(plans / key).read_bytes())
    assert _upload(plans).sent == 6


def test_other_objects_under_the_prefixes_are_kept_and_named(s3, plans: Path) -> None:
    for key in ("training/images/train/old.png", "training/", "models/best.pt"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    assert _upload(plans).others == ("training/images/train/old.png",)
    assert "training/images/train/old.png" in _keys(s3)


def test_progress_counts_every_file(s3, plans: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    upload.upload(plans, BUCKET, REGION, lambda *step: seen.append(step))
    assert seen == [("uploading", number, 6) for number in range(1, 7)]


def test_a_folder_without_both_channels_is_refused(tmp_path: Path) -> None:
    add(tmp_path / "training", "train", "a.png", 1)
    with pytest.raises(BlueprintError, match="has no folder validation: give a set written by python -m"):
        upload.files(tmp_path)


@pytest.mark.usefixtures("s3")
def test_a_missing_bucket_is_one_line(plans: Path) -> None:
    with pytest.raises(BlueprintError, match=r"^s3://no-such-bucket: there is no such bucket"):
        _upload(plans, "no-such-bucket")


@pytest.mark.usefixtures("s3")
def test_an_impossible_bucket_name_is_one_line(plans: Path) -> None:
    with pytest.raises(BlueprintError, match=r"^s3://No Bucket!: ") as refused:
        _upload(plans, "No Bucket!")
    assert "\n" not in str(refused.value)


def test_missing_credentials_are_one_line(plans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(BlueprintError, match=f"^s3://{BUCKET}: there are no AWS credentials: set AWS_PROFILE"):
        _upload(plans)


def test_a_missing_profile_is_one_line(plans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(BlueprintError, match="nobody"):
        _upload(plans)


def test_an_upload_that_is_refused_half_way_says_so_and_can_be_continued(
    s3, plans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto enforces no policies here, so a client that AWS denies one key stands for the role that lacks it."""
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
    create = boto3.client

    def deny_labels(params, **_: object) -> None:
        if params["Key"].startswith("validation/labels"):
            raise denied

    def client(*arguments, **options):
        made = create(*arguments, **options)
        made.meta.events.register("provide-client-params.s3.PutObject", deny_labels)
        return made

    with monkeypatch.context() as patched:
        patched.setattr(boto3, "client", client)
        with pytest.raises(
            BlueprintError, match=r"access is denied: s3:ListBucket.* \(5 of 6 files were sent: run it again"
        ):
            _upload(plans)
    assert _upload(plans).kept == 5
