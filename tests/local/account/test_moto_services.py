"""moto's services start without those that no program of this project calls, and lack nothing because of it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[3]
# In a process of its own, because other tests import what is left out.
CODE = """
import sys
import boto3, moto
from botocore.exceptions import ClientError
from local.account.moto_services import import_services

import_services()
print([name for name in ("moto.ecs", "moto.ec2") if name in sys.modules])


def client(service):
    return boto3.client(service, "us-east-2", aws_access_key_id="testing", aws_secret_access_key="testing")


def register(resource):
    try:
        client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs", ResourceId=resource, ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1, MaxCapacity=2,
        )
    except ClientError as error:
        print(error.response["Error"]["Code"])


with moto.mock_aws():
    register("service/nowhere/rooms")
    client("ecs").create_cluster(clusterName="plans")
    register("service/plans/nowhere")
"""


def test_ecs_and_ec2_are_imported_when_something_asks_for_them() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[]", "ClusterNotFoundException", "ValidationException"], done.stderr
