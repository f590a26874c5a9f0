"""Deploys a Pulumi program into the embedded AWS.

`Engine` is an implementation of `pulumi.runtime`'s mocks. It creates each resource with boto3, in the order that Pulumi
determines, and returns AWS's answer. An unknown resource type, property or invoke ends the deployment with an error
that names it.
"""

import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from local.account.clients import AwsClients
from local.account.deployment import DeployedResource, Deployment
from local.account.inputs import Inputs, UnsupportedError, plain
from local.account.resources import CREATE
from local.account.resources.creation import Request


class DeploymentError(Exception):
    """A resource could not be created; the text names it, the cause and what to do."""


class Engine(Mocks):
    """Creates resources in `aws`, keeps them in `deployment` and tells `created` about each, from any thread."""

    def __init__(
        self,
        *,
        aws: AwsClients,
        deployment: Deployment,
        api_origin: str,
        created: Callable[[DeployedResource], None],
    ) -> None:
        self._aws = aws
        self._deployment = deployment
        self._api_origin = api_origin
        self._created = created
        self._stopped = threading.Event()
        self.errors: list[DeploymentError] = []

    def stop(self) -> None:
        """Refuses every further resource, because the stack is being stopped."""
        self._stopped.set()

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.custom is False:
            return "", args.inputs
        try:
            return self._create(args)
        except DeploymentError as error:
            self.errors.append(error)
            raise

    def _create(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        subject = f"{args.typ} {args.name!r}"
        if self._stopped.is_set():
            raise DeploymentError(f"{subject}: the local stack is stopping")
        if args.resource_id:
            raise DeploymentError(
                f"{subject}: the local stage cannot import or read an existing resource ({args.resource_id})"
            )
        create = CREATE.get(args.typ)
        if create is None:
            raise DeploymentError(
                f"{subject}: the local stage cannot create this type: add it to local/account/resources"
            )
        values = plain(args.inputs)
        inputs = Inputs(values)
        try:
            made = create(Request(aws=self._aws, name=args.name, inputs=inputs, api_origin=self._api_origin))
        except UnsupportedError as error:
            raise DeploymentError(f"{subject}: {error}") from error
        except (BotoCoreError, ClientError, OSError) as error:
            raise DeploymentError(f"{subject}: {error}") from error
        if overlooked := inputs.overlooked():
            raise DeploymentError(
                f"{subject}: the local stage does not know the property {', '.join(overlooked)}: "
                "pass it on, or set it aside with a reason, in local/account/resources"
            )
        outputs = {key: value for key, value in made.outputs.items() if value is not None}
        resource = DeployedResource(
            type=args.typ, name=args.name, id=made.id, inputs=values, outputs={**values, **outputs}
        )
        self._deployment.add(resource)
        self._created(resource)
        return made.id, {**args.inputs, **outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "aws:index/getCallerIdentity:getCallerIdentity": self._caller_identity,
            "aws:index/getRegion:getRegion": lambda: {
                "region": self._aws.region,
                "name": self._aws.region,
                "id": self._aws.region,
            },
            "aws:index/getPartition:getPartition": lambda: {
                "partition": "aws",
                "dnsSuffix": "amazonaws.com",
                "id": "aws",
            },
        }
        if args.token not in answers:
            error = DeploymentError(
                f"{args.token}: the local stage has no answer to this call: add one in local/account/engine.py"
            )
            self.errors.append(error)
            raise error
        return answers[args.token](), []

    def _caller_identity(self) -> dict[str, Any]:
        identity = self._aws.client("sts").get_caller_identity()
        account = identity["Account"]
        return {"accountId": account, "id": account, "arn": identity["Arn"], "userId": identity["UserId"]}
