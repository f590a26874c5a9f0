"""Registers components against mocks and shows what they registered, through the program's own runner."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from components.naming import Inference
from program.run import ProgramRun, RegisteredResource, run_program
from program.stage_file import Stage, read_stage, stages

ACCOUNT_ID = "123456789012"
REGION = "us-east-2"
DIGEST = "sha256:" + "0123456789abcdef" * 4
STAGES = tuple(stages())

Inputs = Mapping[str, Any]

# What AWS adds to a resource, by type: (name, inputs) -> its identifier and the outputs beside the inputs. A type that
# is not here is an error, so that every type of the program has been thought of.
_CREATED: Mapping[str, Callable[[str, Inputs], tuple[str, dict[str, Any]]]] = {
    "aws:apigateway/account:Account": lambda name, inputs: ("api-gateway-account", {}),
    "aws:apigateway/apiKey:ApiKey": lambda name, inputs: ("key123", {}),
    "aws:apigateway/deployment:Deployment": lambda name, inputs: ("deployment123", {}),
    "aws:apigateway/methodSettings:MethodSettings": lambda name, inputs: (name, {}),
    "aws:apigateway/restApi:RestApi": lambda name, inputs: ("api123", {}),
    "aws:apigateway/stage:Stage": lambda name, inputs: (
        name,
        {"invokeUrl": f"https://{inputs['restApi']}.execute-api.{REGION}.amazonaws.com/{inputs['stageName']}"},
    ),
    "aws:apigateway/usagePlan:UsagePlan": lambda name, inputs: ("plan123", {}),
    "aws:apigateway/usagePlanKey:UsagePlanKey": lambda name, inputs: (name, {}),
    "aws:appautoscaling/policy:Policy": lambda name, inputs: (name, {"arn": f"arn:scaling-policy/{inputs['name']}"}),
    "aws:appautoscaling/target:Target": lambda name, inputs: (inputs["resourceId"], {}),
    "aws:cloudwatch/dashboard:Dashboard": lambda name, inputs: (inputs["dashboardName"], {}),
    "aws:cloudwatch/logGroup:LogGroup": lambda name, inputs: (inputs["name"], {}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": lambda name, inputs: (inputs["name"], {}),
    "aws:dynamodb/table:Table": lambda name, inputs: (inputs["name"], {}),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": lambda name, inputs: (inputs["repository"], {}),
    "aws:ecr/repository:Repository": lambda name, inputs: (
        inputs["name"],
        {"repositoryUrl": f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/{inputs['name']}"},
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": lambda name, inputs: (inputs["repository"], {}),
    "aws:iam/role:Role": lambda name, inputs: (
        inputs["name"],
        {"arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{inputs['name']}"},
    ),
    "aws:iam/rolePolicy:RolePolicy": lambda name, inputs: (f"{inputs['role']}:{inputs['name']}", {}),
    "aws:lambda/function:Function": lambda name, inputs: (inputs["name"], {}),
    "aws:lambda/permission:Permission": lambda name, inputs: (name, {}),
    "aws:s3/bucket:Bucket": lambda name, inputs: (inputs["bucket"], {}),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": lambda name, inputs: (inputs["bucket"], {}),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lambda name, inputs: (inputs["bucket"], {}),
    "aws:s3/bucketObjectv2:BucketObjectv2": lambda name, inputs: (inputs["key"], {}),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": lambda name, inputs: (inputs["bucket"], {}),
    "aws:s3/bucketPolicy:BucketPolicy": lambda name, inputs: (inputs["bucket"], {}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": lambda name, inputs: (inputs["bucket"], {}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": lambda name, inputs: (
        inputs["bucket"],
        {},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": lambda name, inputs: (inputs["bucket"], {}),
    "aws:sagemaker/endpoint:Endpoint": lambda name, inputs: (inputs["name"], {}),
    # Pulumi's provider generates the name where none is given.
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": lambda name, inputs: (
        f"{name}-1a2b3c4",
        {"name": f"{name}-1a2b3c4"},
    ),
    "aws:sagemaker/model:Model": lambda name, inputs: (f"{name}-1a2b3c4", {"name": f"{name}-1a2b3c4"}),
    "aws:sfn/stateMachine:StateMachine": lambda name, inputs: (
        f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:{inputs['name']}",
        {},
    ),
    "aws:sns/topic:Topic": lambda name, inputs: (f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{inputs['name']}", {}),
    "aws:sns/topicPolicy:TopicPolicy": lambda name, inputs: (inputs["arn"], {}),
    "aws:sns/topicSubscription:TopicSubscription": lambda name, inputs: (f"{inputs['topic']}:{name}", {}),
}


class RecorderMocks(Mocks):
    """Answers as AWS would after creation; components have no answer of their own."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token != "aws:index/getCallerIdentity:getCallerIdentity":
            raise LookupError(f"no answer for {args.token}: give the recorder one")
        return {"accountId": ACCOUNT_ID, "id": ACCOUNT_ID}, []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", {}
        if args.typ not in _CREATED:
            raise LookupError(f"no outputs for {args.typ}: give the recorder some")
        identifier, outputs = _CREATED[args.typ](args.name, args.inputs)
        return identifier, {**args.inputs, **outputs}


@dataclass(frozen=True)
class Graph:
    """What a program registered, with its exports."""

    run: ProgramRun

    @property
    def resources(self) -> list[RegisteredResource]:
        """Every resource and component, without the stack itself."""
        return list(self.run.resources[1:])

    @property
    def exports(self) -> Mapping[str, Any]:
        return self.run.exports

    def all(self, token: str) -> list[RegisteredResource]:
        """The resources whose type ends like this: `iam/role:Role`."""
        return [resource for resource in self.resources if resource.type.endswith(token)]

    def one(self, token: str, name: str = "") -> RegisteredResource:
        """The only resource of the type, and of those the only one whose name ends like this."""
        found = [resource for resource in self.all(token) if resource.name.endswith(name)]
        assert len(found) == 1, f"{token} {name}: {[resource.name for resource in found]}"
        return found[0]

    def inputs(self, token: str, name: str = "") -> dict[str, Any]:
        """The inputs of `one`."""
        return dict(self.one(token, name).inputs)

    def document(self, token: str, name: str = "", key: str = "policy") -> Any:
        """A JSON text among the inputs of `one`, read."""
        return json.loads(self.one(token, name).inputs[key])

    def alarm(self, name: str) -> dict[str, Any]:
        return self.inputs("metricAlarm:MetricAlarm", f"-{name}")

    def outputs(self, token: str) -> Mapping[str, Any]:
        """What the only component of the type has registered as its outputs."""
        outputs = self.one(token).outputs
        assert outputs is not None, f"{token} has not registered its outputs"
        return outputs


def build(program: Callable[[], Any]) -> Graph:
    """Runs a function that makes components, until every registration is done."""
    stage = Stage(name="dev", config={"aws:region": REGION})
    return Graph(run_program(stage, RecorderMocks(), program=program))


@cache
def deployed(stage: str, *, with_images: bool = True, inference: Inference = "endpoint") -> Graph:
    """The whole program of a stage; `with_images` gives the stages that want digests both of them: the second pass."""
    digests = {"inferenceImageDigest": DIGEST, "trainingImageDigest": DIGEST}
    overrides = {"inference": inference, **(digests if with_images and stage != "local" else {})}
    return Graph(run_program(read_stage(stage, overrides), RecorderMocks()))
