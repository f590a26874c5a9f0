"""From an account with nothing in it to a stage and back, by the commands of docs/deploying.md.

Real are make, the operations, Pulumi's CLI and its engine, with the state in S3 and its secrets under a key of KMS;
`docker` builds without containers, and the AWS provider makes in moto what the operations look at.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from components.detector.model import VARIANT_NAME
from tests.engine.cli import Engine
from tests.engine.clone import Clone
from tests.engine.moto_account import MotoAccount
from tests.engine.provider import ACCOUNT_ID, Call
from tests.engine.recorded_account import RecordedAccount, Right
from tests.operations.policies import denied, permitted

STATE_BUCKET = f"room-detection-state-{ACCOUNT_ID}"
SECRETS = "awskms://alias/room-detection-state-dev?region=us-east-2"
REPOSITORIES = ("room-detection-yolov8-inference-dev", "room-detection-yolov8-dev")
# Who runs which command: rights are kept by the access key.
ADMINISTRATOR, OPERATOR = "administrator", "operator"
# More than the one instance that the stage's file names, as autoscaling would make it.
GROWN_TO = 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a command did.

    Attributes:
        printed: on stdout and stderr.
        calls: what the engine had the provider do.
        built: the images that were built and pushed.
        settings: what the stage's file sets afterwards.
    """

    printed: str
    calls: list[Call]
    built: list[str]
    settings: Mapping[str, Any]

    def done_to(self, name: str) -> list[tuple[str, bool]]:
        """What was done to the resource whose name ends so, and whether that replaced it."""
        return [(call.method, bool(call.replaces)) for call in self.calls if call.name.endswith(name)]


@dataclass(frozen=True, kw_only=True)
class Served:
    """What the account serves, and what it keeps beside that.

    Attributes:
        image: what the served model is made of.
        config, model: names of what is served.
        instances: how many the endpoint has.
        configs, models: the names of all that the account has.
    """

    image: str
    config: str
    model: str
    instances: int
    configs: set[str]
    models: set[str]


@dataclass(frozen=True, kw_only=True)
class Life:
    """A stage from `make bootstrap` to `make destroy`.

    Attributes:
        first: its first deployment.
        elsewhere: the next one, from a clone that knows nothing of the first.
        changed: one whose inference image is another, while the endpoint has grown to `GROWN_TO` instances.
        again: the same without a change.
        changed_again: one more with another inference image.
        served: what is served after the first deployment, after `changed` and after `changed_again`.
        destroyed: its removal, from there.
        state: what the state bucket has of it while it is deployed.
        pushed: the digest of the one image in each repository, as ECR has it.
        left: what the account has afterwards, by kind.
        rights: what the operator's requests needed.
        role: what the stage's role for deployments may do.
        state_policy: what the state bucket denies.
    """

    first: Step
    elsewhere: Step
    changed: Step
    again: Step
    changed_again: Step
    served: tuple[Served, Served, Served]
    destroyed: Step
    state: Mapping[str, Any]
    pushed: Mapping[str, str]
    left: Mapping[str, list[str]]
    rights: set[Right]
    role: Mapping[str, Any]
    state_policy: Mapping[str, Any]


@pytest.fixture(scope="module")
def life(account_engine: Engine, account: RecordedAccount, tmp_path_factory: pytest.TempPathFactory) -> Life:
    moto = MotoAccount(account.address)
    # As in a shell that has only its credentials; neither says where the state is nor knows a passphrase.
    nothing = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
    shell = {name: value for name, value in account_engine.pulumi.environment.items() if name not in nothing} | {
        "AWS_ENDPOINT_URL": account.address,
        # The state is written once a command and not twice a resource, which is half of moto's work.
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_SKIP_CHECKPOINTS": "true",
    }
    here, there = (Clone.into(tmp_path_factory.mktemp("machine"), shell) for _ in range(2))

    printed = here.make("bootstrap", "REPOSITORY=owner/name", AWS_ACCESS_KEY_ID=ADMINISTRATOR)
    given = dict(re.findall(r"^  ([A-Z_]+)=(.*)$", printed, re.MULTILINE))
    # moto looks at no condition of a bucket's policy: it refuses requests with TLS as well.
    state_policy = json.loads(moto.client("s3").get_bucket_policy(Bucket=STATE_BUCKET)["Policy"])
    moto.client("s3").delete_bucket_policy(Bucket=STATE_BUCKET)
    logging = {"op": "replace", "path": "/cloudwatchRoleArn", "value": f"arn:aws:iam::{ACCOUNT_ID}:role/logs"}
    moto.client("apigateway").update_account(patchOperations=[logging])
    operator = {"AWS_ACCESS_KEY_ID": OPERATOR, "PULUMI_BACKEND_URL": given["PULUMI_BACKEND_URL"]}
    key = {"ROOM_DETECTION_SECRETS_PROVIDER": given["ROOM_DETECTION_SECRETS_PROVIDER"]}

    def step(clone: Clone, *arguments: str, **variables: str) -> Step:
        before, built = len(account_engine.aws.calls), len(clone.built())
        printed = clone.make(*arguments, **variables)
        return Step(
            printed=printed,
            calls=account_engine.aws.calls[before:],
            built=clone.built()[built:],
            settings=clone.settings("dev"),
        )

    first = step(here, "deploy", "STAGE=dev", **operator, **key)
    elsewhere = step(there, "deploy", "STAGE=dev", **operator)
    state = moto.client("s3").get_object(Bucket=STATE_BUCKET, Key=".pulumi/stacks/room-detection/dev.json")
    served, pushed = [_served(moto)], {repository: _pushed(moto, repository) for repository in REPOSITORIES}
    _grow(moto, GROWN_TO)
    _change_inference_image(there)
    changed = step(there, "deploy", "STAGE=dev", **operator)
    served.append(_served(moto))
    again = step(there, "deploy", "STAGE=dev", **operator)
    _change_inference_image(there)
    changed_again = step(there, "deploy", "STAGE=dev", **operator)
    served.append(_served(moto))
    destroyed = step(there, "destroy", "STAGE=dev", "CONFIRM=dev", **operator)
    policy = moto.client("iam").get_role_policy(RoleName="room-detection-deploy-dev", PolicyName="room-detection")
    return Life(
        first=first,
        elsewhere=elsewhere,
        changed=changed,
        again=again,
        changed_again=changed_again,
        served=(served[0], served[1], served[2]),
        destroyed=destroyed,
        state=json.load(state["Body"]),
        pushed=pushed,
        left=_left(moto),
        rights={_of_key(moto, right) for right in account.of(OPERATOR)},
        role=policy["PolicyDocument"],
        state_policy=state_policy,
    )


def _served(moto: MotoAccount) -> Served:
    sagemaker = moto.client("sagemaker")
    (endpoint,) = sagemaker.list_endpoints()["Endpoints"]
    described = sagemaker.describe_endpoint(EndpointName=endpoint["EndpointName"])
    config = described["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    left = _left(moto)
    return Served(
        image=sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]["Image"],
        config=config,
        model=variant["ModelName"],
        instances=described["ProductionVariants"][0]["DesiredInstanceCount"],
        configs=set(left["configurations"]),
        models=set(left["models"]),
    )


def _grow(moto: MotoAccount, instances: int) -> None:
    sagemaker = moto.client("sagemaker")
    (endpoint,) = sagemaker.list_endpoints()["Endpoints"]
    wanted = {"VariantName": VARIANT_NAME, "DesiredInstanceCount": instances}
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint["EndpointName"], DesiredWeightsAndCapacities=[wanted]
    )


def _change_inference_image(clone: Clone) -> None:
    with (clone.folder / "images/inference/network.py").open("a") as source:
        source.write("# Another image.\n")


def _pushed(moto: MotoAccount, repository: str) -> str:
    (image,) = moto.client("ecr").describe_images(repositoryName=repository)["imageDetails"]
    return image["imageDigest"]


def _left(moto: MotoAccount) -> dict[str, list[str]]:
    sagemaker = moto.client("sagemaker")
    return {
        "buckets": [bucket["Name"] for bucket in moto.client("s3").list_buckets()["Buckets"]],
        "repositories": [
            found["repositoryName"] for found in moto.client("ecr").describe_repositories()["repositories"]
        ],
        "endpoints": [found["EndpointName"] for found in sagemaker.list_endpoints()["Endpoints"]],
        "configurations": [
            found["EndpointConfigName"] for found in sagemaker.list_endpoint_configs()["EndpointConfigs"]
        ],
        "models": [found["ModelName"] for found in sagemaker.list_models()["Models"]],
    }


def _of_key(moto: MotoAccount, right: Right) -> Right:
    """The right with its key's ARN, which a request may name otherwise."""
    if not right.action.startswith("kms:"):
        return right
    key = moto.client("kms").describe_key(KeyId=right.resource)["KeyMetadata"]
    return Right(right.action, key["Arn"])


def test_a_stage_is_deployed_with_the_images_that_were_built_for_it(life: Life):
    assert [image.partition(":")[0].partition("/")[2] for image in life.first.built] == list(REPOSITORIES)
    assert list(life.pushed) == list(REPOSITORIES)
    inference, training = life.pushed.values()
    assert life.served[0].image == f"{life.first.built[0].partition(':')[0]}@{inference}"
    assert life.first.settings["inferenceImageDigest"] == inference
    assert life.first.settings["trainingImageDigest"] == training
    assert life.first.printed.rstrip().splitlines()[-1].startswith("API: https://")


def test_a_first_deployment_creates_nothing_twice_and_deletes_nothing(life: Life):
    created = [call.urn for call in life.first.calls if call.method == "Create"]
    assert len(created) == len(set(created)) > 60
    assert {call.method for call in life.first.calls if call.replaces or call.method == "Delete"} == set()


def test_the_state_is_in_the_bucket_and_its_secrets_are_under_the_key_of_the_stage(life: Life):
    provider = life.state["checkpoint"]["latest"]["secrets_providers"]
    assert (provider["type"], provider["state"]["url"]) == ("cloud", SECRETS)
    assert len(life.state["checkpoint"]["latest"]["resources"]) > 80


def test_a_deployment_from_another_clone_asks_for_no_passphrase_builds_nothing_and_changes_nothing(life: Life):
    assert life.elsewhere.built == []
    assert life.elsewhere.calls == []
    assert "passphrase" not in life.elsewhere.printed
    assert life.elsewhere.settings == life.first.settings


def test_another_inference_image_is_built_and_its_endpoint_is_updated_and_not_replaced(life: Life):
    for step, served in ((life.changed, life.served[1]), (life.changed_again, life.served[2])):
        built, _ = step.built  # the training image has the detector's code, too
        assert f"/{REPOSITORIES[0]}:" in built
        assert served.image == f"{built.partition(':')[0]}@{step.settings['inferenceImageDigest']}"
        assert [kind for kind in step.done_to("-endpoint") if kind[0] != "Diff"] == [("Update", False)]
        assert ("Create", False) in step.done_to("-model")
        assert "Delete" not in {call.method for call in step.calls}, "a rollback needs what was served before"
    assert len({served.image for served in life.served}) == 3


def test_what_was_served_before_stays_and_what_is_older_goes(life: Life):
    first, second, third = life.served
    assert (second.configs, second.models) == ({first.config, second.config}, {first.model, second.model})
    assert "removed" not in life.changed.printed
    assert (third.configs, third.models) == ({second.config, third.config}, {second.model, third.model})
    for gone in (f"endpoint configuration {first.config}", f"model {first.model}"):
        assert f"removed, as nothing uses it: {gone}\n" in life.changed_again.printed


def test_a_deployment_after_another_image_changes_nothing(life: Life):
    assert (life.again.built, life.again.calls) == ([], [])
    assert life.again.settings == life.changed.settings


def test_an_endpoint_that_has_grown_keeps_its_instances_over_deployments_that_change_it(life: Life):
    assert [served.instances for served in life.served] == [1, GROWN_TO, GROWN_TO]


def test_removing_a_stage_leaves_the_state_bucket_alone(life: Life):
    assert life.left == {
        "buckets": [STATE_BUCKET],
        "repositories": [],
        "endpoints": [],
        "configurations": [],
        "models": [],
    }
    assert "removed, as nothing uses it: model room-detection-yolov8-dev-model-" in life.destroyed.printed


def test_the_role_of_the_stage_may_do_all_that_its_deployments_ask_for(life: Life):
    assert {right.action.partition(":")[0] for right in life.rights} >= {"ecr", "kms", "s3", "sagemaker"}
    # The requests of these commands tell a condition nothing but that they come by TLS.
    seen = {"aws:SecureTransport": "true"}
    refused = [right for right in sorted(life.rights) if not permitted(life.role, right.action, right.resource, seen)]
    assert refused == []
    on_state = [right for right in life.rights if STATE_BUCKET in right.resource]
    assert on_state
    assert not any(denied(life.state_policy, right.action, right.resource, seen) for right in on_state)
