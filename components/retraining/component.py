"""Retraining: the state machine that trains the detector again and serves the result if it is better.

Guarantees: a model is published only after it was compared with the served one, under its own version, which is never
overwritten; the endpoint is updated as in a deployment, with automatic rollback; every failure of a state leads to a
named end, and each end is published to the topic. There is no state machine if an image is missing, or if the detector
is a function, because its model is in its image.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import policies
from components.detector.roles import SAGEMAKER_POLICY, SageMakerRoles
from components.log_groups import create_log_group
from components.naming import PROCESSING_LOG_GROUP, Names, has_endpoint
from components.retraining.definition import retraining_definition
from components.retraining.plan import RetrainingPlan
from components.roles import create_role
from components.settings.groups import (
    EndpointSettings,
    LogRetentionDays,
    RetrainingSettings,
    ServerlessSettings,
    TrainingSettings,
)


@dataclass(frozen=True, kw_only=True)
class RetrainingArgs:
    """What the retraining needs.

    Attributes:
        training_image, inference_image: by digest (by tag in stage local), or None while there is none.
        training_request: SageMaker's CreateTrainingJob request without TrainingJobName.
        roles: the component with the roles of jobs and models.
        rollback_alarm_names: the alarms that roll back an update of the endpoint.
    """

    names: Names
    settings: RetrainingSettings
    endpoint: EndpointSettings
    serverless: ServerlessSettings
    training: TrainingSettings
    training_image: pulumi.Input[str] | None
    inference_image: pulumi.Input[str] | None
    training_request: pulumi.Input[Mapping[str, Any]]
    training_repository_arn: pulumi.Input[str]
    bucket_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    roles: SageMakerRoles
    rollback_alarm_names: Sequence[str]
    topic_arn: pulumi.Input[str]
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]


class Retraining(pulumi.ComponentResource):
    """The state machine, its role, the role of the comparison and, if settings say so, the log of executions and the
    account's log group for all processing jobs."""

    state_machine_arn: pulumi.Output[str] | None

    def __init__(self, name: str, args: RetrainingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:Retraining", name, None, opts)
        self._args = args
        if args.settings.manage_log_group:
            create_log_group(
                f"{name}-evaluation-logs",
                physical_name=PROCESSING_LOG_GROUP,
                retention_days=args.log_retention_days,
                tags=args.tags,
                parent=self,
                shared=True,
            )
        self.state_machine_arn = None
        if has_endpoint(args.names.inference) and args.training_image is not None and args.inference_image is not None:
            self.state_machine_arn = self._create_state_machine(args.inference_image)
        self.register_outputs({"stateMachineArn": self.state_machine_arn})

    def _create_state_machine(self, inference_image: pulumi.Input[str]) -> pulumi.Output[str]:
        args, name = self._args, self.pulumi_resource_name
        evaluation_role, evaluation_policy = create_role(
            f"{name}-evaluation",
            physical_name=args.names.evaluation_role,
            description="The comparison of two models: both of them, the validation channel, its report, its image",
            service="sagemaker.amazonaws.com",
            source_account=args.names.account_id,
            policy_name=SAGEMAKER_POLICY,
            policy=policies.rendered(
                policies.evaluation_policy,
                bucket_arn=args.bucket_arn,
                repository_arn=args.training_repository_arn,
                log_group_arn=args.names.log_group_arn(PROCESSING_LOG_GROUP),
            ),
            tags=args.tags,
            parent=self,
        )
        evaluation_role_arn = evaluation_role.name.apply(args.names.role_arn)
        role, policy = create_role(
            name,
            physical_name=args.names.retraining_role,
            description="The retraining: its jobs, its models, the endpoint, the topic",
            service="states.amazonaws.com",
            source_account=args.names.account_id,
            policy_name="retraining",
            policy=self._policy(evaluation_role_arn),
            tags=args.tags,
            parent=self,
        )
        definition = pulumi.Output.all(
            training=args.training_request,
            inference_image=inference_image,
            bucket_name=args.bucket_name,
            evaluation_role_arn=evaluation_role_arn,
            inference_role_arn=args.roles.inference_role_arn,
            topic_arn=args.topic_arn,
        ).apply(self._definition)
        machine = aws.sfn.StateMachine(
            f"{name}-machine",
            name=args.names.retraining,
            type="STANDARD",
            role_arn=role.arn,
            definition=definition,
            logging_configuration=self._logging(),
            tracing_configuration=aws.sfn.StateMachineTracingConfigurationArgs(enabled=args.settings.tracing),
            tags=args.tags,
            # Step Functions tests the role's permission to log when it creates the machine; jobs need the other
            # policies.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, evaluation_policy, args.roles]),
        )
        return machine.name.apply(args.names.state_machine_arn)

    def _definition(self, known: Mapping[str, Any]) -> str:
        args = self._args
        training = args.training
        plan = RetrainingPlan(
            names=args.names,
            settings=args.settings,
            endpoint=args.endpoint,
            serverless=args.serverless,
            training_limit_seconds=training.max_wait_seconds if training.managed_spot else training.max_runtime_seconds,
            rollback_alarm_names=args.rollback_alarm_names,
            tags=args.tags,
            **known,
        )
        return json.dumps(retraining_definition(plan))

    def _policy(self, evaluation_role_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        args, names = self._args, self._args.names
        retrained, served = f"{names.retrained}*", f"{names.served}-*"
        group = names.model_package_group
        return policies.rendered(
            policies.retraining_policy,
            bucket_arn=args.bucket_arn,
            training_jobs_arn=names.sagemaker_arn("training-job", retrained),
            processing_jobs_arn=names.sagemaker_arn("processing-job", retrained),
            endpoint_arn=names.endpoint_arn(names.endpoint),
            served_arns=[
                names.sagemaker_arn(kind, name) for kind in ("endpoint-config", "model") for name in (retrained, served)
            ],
            models_arn=names.sagemaker_arn("model", retrained),
            endpoint_configs_arn=names.sagemaker_arn("endpoint-config", retrained),
            package_group_arn=names.sagemaker_arn("model-package-group", group),
            packages_arn=names.sagemaker_arn("model-package", f"{group}/*"),
            passed_role_arns=[args.roles.training_role_arn, evaluation_role_arn, args.roles.inference_role_arn],
            alarms_arn=names.alarm_arn("*"),
            topic_arn=args.topic_arn,
            logging=args.settings.execution_log_level != "OFF",
            tracing=args.settings.tracing,
        )

    def _logging(self) -> aws.sfn.StateMachineLoggingConfigurationArgs:
        args, level = self._args, self._args.settings.execution_log_level
        if level == "OFF":
            return aws.sfn.StateMachineLoggingConfigurationArgs(level=level)
        log_group = create_log_group(
            f"{self.pulumi_resource_name}-logs",
            physical_name=args.names.retraining_log_group,
            retention_days=args.log_retention_days,
            tags=args.tags,
            parent=self,
        )
        return aws.sfn.StateMachineLoggingConfigurationArgs(
            level=level,
            include_execution_data=True,
            log_destination=log_group.name.apply(lambda name: f"{args.names.log_group_arn(name)}:*"),
        )
