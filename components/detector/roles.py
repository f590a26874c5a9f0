"""SageMaker's roles: each may read its own image and its own folders."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.naming import TRANSFORM_LOG_GROUP, Names
from components.roles import create_role

# The name of the only policy of a role that SageMaker assumes.
SAGEMAKER_POLICY = "sagemaker-execution"


@dataclass(frozen=True, kw_only=True)
class SageMakerRolesArgs:
    """What the roles need; the bucket need not exist yet."""

    names: Names
    bucket_arn: pulumi.Input[str]
    inference_repository_arn: pulumi.Input[str]
    training_repository_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class SageMakerRoles(pulumi.ComponentResource):
    """The endpoint's role and the training jobs' role."""

    inference_role_arn: pulumi.Output[str]
    training_role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SageMakerRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:SageMakerRoles", name, None, opts)
        names = args.names
        inference = self._create_role(
            f"{name}-inference",
            names.inference_role,
            "Served models: their archives, plans and answers in bulk, their image, their log groups, rollback alarms",
            policies.rendered(
                policies.inference_policy,
                bucket_arn=args.bucket_arn,
                repository_arn=args.inference_repository_arn,
                log_group_arns=[
                    names.log_group_arn(names.endpoint_log_group),
                    names.log_group_arn(TRANSFORM_LOG_GROUP),
                ],
                # Even for a single alarm, CloudWatch requires the permission for all of them.
                alarms_arn=names.alarm_arn("*"),
            ),
            args,
        )
        training = self._create_role(
            f"{name}-training",
            names.training_role,
            "Training jobs: both channels, their output, their image, their log group",
            policies.rendered(
                policies.training_policy,
                bucket_arn=args.bucket_arn,
                repository_arn=args.training_repository_arn,
                log_group_arn=names.log_group_arn(names.training_log_group),
            ),
            args,
        )
        self.inference_role_arn = inference.name.apply(names.role_arn)
        self.training_role_arn = training.name.apply(names.role_arn)
        self.register_outputs({"inferenceRoleArn": self.inference_role_arn, "trainingRoleArn": self.training_role_arn})

    def _create_role(
        self,
        resource_name: str,
        role_name: str,
        description: str,
        policy: pulumi.Output[str],
        args: SageMakerRolesArgs,
    ) -> aws.iam.Role:
        role, _ = create_role(
            resource_name,
            physical_name=role_name,
            description=description,
            service="sagemaker.amazonaws.com",
            source_account=args.names.account_id,
            policy_name=SAGEMAKER_POLICY,
            policy=policy,
            tags=args.tags,
            parent=self,
        )
        return role
