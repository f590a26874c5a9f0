"""Machine learning: the images' repositories, SageMaker's roles, the model, and the endpoint in its two forms.

Guarantees: an image is scanned when it is pushed and cannot be overwritten; each role reads its own image and its own
folders; an update of the real-time endpoint moves to a new fleet and goes back by itself when that fleet fails or is
slow; the number of instances follows the load. Without an image there is no model and no endpoint, and everything else
still deploys.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import sagemaker
from pulumi_aws.appautoscaling import PolicyStepScalingPolicyConfigurationArgs as StepScaling
from pulumi_aws.appautoscaling import PolicyStepScalingPolicyConfigurationStepAdjustmentArgs as Step
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as TargetTracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as TrackedMetric,
)
from pulumi_aws.sagemaker import EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs as RollbackAlarm
from pulumi_aws.sagemaker import EndpointDeploymentConfigAutoRollbackConfigurationArgs as AutoRollback
from pulumi_aws.sagemaker import EndpointDeploymentConfigBlueGreenUpdatePolicyArgs as BlueGreen
from pulumi_aws.sagemaker import (
    EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs as TrafficRouting,
)

from components import policies
from components.alarms import Alarm, create_alarm
from components.metrics import endpoint_metric
from components.monitoring import MonitoredEndpoint
from components.naming import MODELS_PREFIX, TRANSFORM_LOG_GROUP, Inference, Names
from components.packaging import MODEL_FILE, ModelArchive
from components.roles import create_role
from components.settings import EndpointSettings, LogRetentionDays, ServerlessSettings

# The name SageMaker's own tools give the only variant of an endpoint.
VARIANT_NAME = "AllTraffic"
ROUTING_STRATEGY = "LEAST_OUTSTANDING_REQUESTS"
# The name of the only policy of a role that SageMaker assumes.
SAGEMAKER_POLICY = "sagemaker-execution"
# What SageMaker calls a model's archive, and where it unpacks it in the container.
MODEL_ARCHIVE = "model.tar.gz"
_MODEL_FOLDER = "/opt/ml/model"
_KEPT_IMAGES = 30
_UNTAGGED_IMAGE_DAYS = 7
_MICROSECONDS_PER_MS = 1000


@dataclass(frozen=True, kw_only=True)
class ImageRepositoriesArgs:
    """What the repositories need.

    Attributes:
        mutable_tags: let a tag be pushed again; only where images are referenced by tag.
        function_arn: of the Lambda function that runs the inference image, None where there is none.
        protect: keep the repositories and their images.
    """

    names: Names
    mutable_tags: bool
    function_arn: str | None = None
    protect: bool
    tags: Mapping[str, str]


class ImageRepositories(pulumi.ComponentResource):
    """One repository for the inference image, one for the training image."""

    inference_url: pulumi.Output[str]
    inference_arn: pulumi.Output[str]
    training_url: pulumi.Output[str]
    training_arn: pulumi.Output[str]

    def __init__(self, name: str, args: ImageRepositoriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:ImageRepositories", name, None, opts)
        inference = self._create_repository(f"{name}-inference", args.names.inference_repository, args)
        training = self._create_repository(f"{name}-training", args.names.training_repository, args)
        if args.function_arn is not None:
            aws.ecr.RepositoryPolicy(
                f"{name}-inference-pull",
                repository=inference.name,
                policy=json.dumps(policies.function_image_policy(function_arn=args.function_arn)),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.inference_url = inference.repository_url
        self.inference_arn = inference.name.apply(args.names.repository_arn)
        self.training_url = training.repository_url
        self.training_arn = training.name.apply(args.names.repository_arn)
        self.register_outputs(
            {
                "inferenceUrl": self.inference_url,
                "inferenceArn": self.inference_arn,
                "trainingUrl": self.training_url,
                "trainingArn": self.training_arn,
            }
        )

    def _create_repository(
        self, resource_name: str, repository_name: str, args: ImageRepositoriesArgs
    ) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            f"{resource_name}-repository",
            name=repository_name,
            image_tag_mutability="MUTABLE" if args.mutable_tags else "IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            force_delete=not args.protect,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=args.protect),
        )
        aws.ecr.LifecyclePolicy(
            f"{resource_name}-lifecycle",
            repository=repository.name,
            policy=json.dumps(_image_lifecycle()),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return repository


def _image_lifecycle() -> dict[str, Sequence[object]]:
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Images without a tag are left over from builds",
                "selection": untagged | {"countNumber": _UNTAGGED_IMAGE_DAYS},
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": "The last releases, to go back to",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": _KEPT_IMAGES},
                "action": {"type": "expire"},
            },
        ]
    }


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
                # Also for a single alarm CloudWatch wants the right to all of them.
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
            account_id=args.names.account_id,
            policy_name=SAGEMAKER_POLICY,
            policy=policy,
            tags=args.tags,
            parent=self,
        )
        return role


@dataclass(frozen=True, kw_only=True)
class DetectorEndpointArgs:
    """What the model and the endpoint need.

    Attributes:
        settings: of the real-time endpoint; its thresholds and its model version are the model's in every form.
        serverless: what the serverless endpoint has instead of instances.
        image: the inference image by digest (by tag in stage local), or None while there is none.
        model: the archive that is uploaded as the endpoint's model data.
        roles: the component with the execution role; the endpoint waits for its policies too.
        latency_p95_ms, server_errors: limits of the rollback alarms, the second a minute.
    """

    names: Names
    settings: EndpointSettings
    serverless: ServerlessSettings
    image: pulumi.Input[str] | None
    model: ModelArchive
    bucket_name: pulumi.Input[str]
    roles: SageMakerRoles
    topic_arn: pulumi.Input[str]
    latency_p95_ms: float
    server_errors: int
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]


class DetectorEndpoint(pulumi.ComponentResource):
    """The model data and, once there is an image, the model, and the endpoint that serves it where the stage has one.

    `names.inference` says which: `lambda` has no endpoint, but the model is there for batch transforms. The model is
    this repository's, or a version that was retrained since.

    A serverless endpoint has no instances to scale and no guardrails for its updates: SageMaker has those for real-time
    endpoints (https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html). Its resources have other
    names than the real-time endpoint's, because neither can become the other.

    The name given to this component becomes part of the model's and the endpoint configuration's generated names, so
    it carries the stage.

    Superseded models, configurations and model data are kept. The provider takes an update that SageMaker has rolled
    back for done (https://github.com/hashicorp/terraform-provider-aws/issues/48997), and Pulumi then deletes what was
    replaced: the endpoint would serve on without its configuration, and could be neither scaled nor updated.
    """

    model_data_url: pulumi.Output[str]
    model_name: pulumi.Output[str] | None
    endpoint_name: pulumi.Output[str] | None
    endpoint_config_name: pulumi.Output[str] | None
    """What the endpoint serves, unless SageMaker has rolled it back."""
    monitored: MonitoredEndpoint | None
    """What monitoring has to know of the endpoint, None while there is none."""

    def __init__(self, name: str, args: DetectorEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:DetectorEndpoint", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        data = aws.s3.BucketObjectv2(
            f"{name}-model-data",
            bucket=args.bucket_name,
            key=f"{MODELS_PREFIX}{args.model.sha256}/{MODEL_ARCHIVE}",
            source=pulumi.FileAsset(str(args.model.path)),
            content_type="application/gzip",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        self.model_data_url = pulumi.Output.concat("s3://", data.bucket, "/", data.key)
        if version := args.settings.model_version:
            self.model_data_url = pulumi.Output.concat(
                "s3://", data.bucket, f"/{MODELS_PREFIX}{version}/{MODEL_ARCHIVE}"
            )
        self.model_name = None
        self.endpoint_name = None
        self.endpoint_config_name = None
        self.monitored = None
        if args.image is None:
            detector = "the detector's function" if args.names.inference == "lambda" else "the endpoint"
            pulumi.log.info(
                f"inferenceImageDigest is not set: deploying everything but the model and {detector}", resource=self
            )
        else:
            model = self._create_model(args.image)
            self.model_name = model.name
            if args.names.inference == "endpoint":
                self._serve_on_instances(model)
            elif args.names.inference == "serverless":
                self._serve_on_demand(model)
        self.register_outputs(
            {
                "modelDataUrl": self.model_data_url,
                "modelName": self.model_name,
                "endpointName": self.endpoint_name,
                "endpointConfigName": self.endpoint_config_name,
            }
        )

    def _serve_on_instances(self, model: sagemaker.Model) -> None:
        args, name = self._args, self.pulumi_resource_name
        config = self._create_config(
            f"{name}-config",
            sagemaker.EndpointConfigurationProductionVariantArgs(
                variant_name=VARIANT_NAME,
                model_name=model.name,
                instance_type=args.settings.instance_type,
                initial_instance_count=args.settings.initial_instances,
                initial_variant_weight=1,
                container_startup_health_check_timeout_in_seconds=args.settings.startup_timeout_seconds,
                # A large plan holds an instance for long, and SageMaker's default picks one at random.
                routing_configs=[
                    sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs(routing_strategy=ROUTING_STRATEGY)
                ],
            ),
            # Autoscaling owns it: another start value must not replace the configuration and reset the fleet.
            ignore_changes=["productionVariants[0].initialInstanceCount"],
        )
        endpoint = self._create_endpoint(name, config, deployment_config=self._create_guardrails())
        self.monitored = MonitoredEndpoint(
            variant_name=VARIANT_NAME,
            instance_type=args.settings.instance_type,
            scale_out_policy_arn=self._scale(endpoint),
            rollback_alarm_names=[args.names.alarm(alarm.name) for alarm in rollback_alarms(args)],
        )

    def _serve_on_demand(self, model: sagemaker.Model) -> None:
        serverless, name = self._args.serverless, f"{self.pulumi_resource_name}-serverless"
        config = self._create_config(
            name,
            sagemaker.EndpointConfigurationProductionVariantArgs(
                variant_name=VARIANT_NAME,
                model_name=model.name,
                serverless_config=sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
                    memory_size_in_mb=serverless.memory_mb, max_concurrency=serverless.max_concurrency
                ),
            ),
        )
        self._create_endpoint(name, config)
        self.monitored = MonitoredEndpoint(variant_name=VARIANT_NAME)

    def _create_model(self, image: pulumi.Input[str]) -> sagemaker.Model:
        """A model cannot be changed, only replaced: its name is generated."""
        args = self._args
        return sagemaker.Model(
            f"{self.pulumi_resource_name}-model",
            execution_role_arn=args.roles.inference_role_arn,
            primary_container=sagemaker.ModelPrimaryContainerArgs(
                image=image,
                model_data_url=self.model_data_url,
                environment=model_environment(args.settings),
            ),
            enable_network_isolation=is_isolated(args.names.inference),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.roles], retain_on_delete=True),
        )

    def _create_config(
        self,
        resource_name: str,
        variant: sagemaker.EndpointConfigurationProductionVariantArgs,
        ignore_changes: list[str] | None = None,
    ) -> sagemaker.EndpointConfiguration:
        """A configuration cannot be changed, only replaced: its name is generated."""
        config = sagemaker.EndpointConfiguration(
            resource_name,
            production_variants=[variant],
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=ignore_changes, retain_on_delete=True),
        )
        self.endpoint_config_name = config.name
        return config

    def _create_endpoint(
        self,
        prefix: str,
        config: sagemaker.EndpointConfiguration,
        deployment_config: sagemaker.EndpointDeploymentConfigArgs | None = None,
    ) -> sagemaker.Endpoint:
        args = self._args
        log_group = aws.cloudwatch.LogGroup(
            f"{prefix}-logs",
            name=args.names.endpoint_log_group,
            retention_in_days=args.log_retention_days,
            tags=args.tags,
            opts=self._child,
        )
        endpoint = sagemaker.Endpoint(
            f"{prefix}-endpoint",
            name=args.names.endpoint,
            endpoint_config_name=config.name,
            deployment_config=deployment_config,
            tags=args.tags,
            # Otherwise SageMaker creates the log group, without a retention.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_group]),
        )
        self.endpoint_name = endpoint.name
        return endpoint

    def _create_guardrails(self) -> sagemaker.EndpointDeploymentConfigArgs:
        """The rollback alarms, and how an update moves to a new fleet while they are watched."""
        args = self._args
        alarms = [
            create_alarm(
                f"{self.pulumi_resource_name}-{alarm.name}",
                alarm,
                physical_name=args.names.alarm(alarm.name),
                topic_arn=args.topic_arn,
                tags=args.tags,
                parent=self,
            )
            for alarm in rollback_alarms(args)
        ]
        return sagemaker.EndpointDeploymentConfigArgs(
            # All at once: a canary is at most half of the fleet, and the fleet may be one instance.
            blue_green_update_policy=BlueGreen(
                traffic_routing_configuration=TrafficRouting(
                    type="ALL_AT_ONCE", wait_interval_in_seconds=args.settings.bake_seconds
                ),
                termination_wait_in_seconds=args.settings.termination_wait_seconds,
                maximum_execution_timeout_in_seconds=args.settings.update_timeout_seconds,
            ),
            auto_rollback_configuration=AutoRollback(alarms=[RollbackAlarm(alarm_name=alarm.name) for alarm in alarms]),
        )

    def _scale(self, endpoint: sagemaker.Endpoint) -> pulumi.Output[str]:
        """Registers the fleet's limits and both its policies; returns the ARN of the one for the latency alarm."""
        names, settings = self._args.names, self._args.settings
        target = aws.appautoscaling.Target(
            f"{self.pulumi_resource_name}-target",
            service_namespace="sagemaker",
            resource_id=endpoint.name.apply(lambda name: f"endpoint/{name}/variant/{VARIANT_NAME}"),
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=settings.min_instances,
            max_capacity=settings.max_instances,
            tags=self._args.tags,
            opts=self._child,
        )
        aws.appautoscaling.Policy(
            f"{self.pulumi_resource_name}-tracking",
            name=names.scaling_policy("endpoint-invocations"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=TargetTracking(
                target_value=settings.target_invocations_per_minute,
                predefined_metric_specification=TrackedMetric(
                    predefined_metric_type="SageMakerVariantInvocationsPerInstance"
                ),
                scale_in_cooldown=settings.scale_in_cooldown_seconds,
                scale_out_cooldown=settings.scale_out_cooldown_seconds,
            ),
            opts=self._child,
        )
        scale_out = aws.appautoscaling.Policy(
            f"{self.pulumi_resource_name}-latency-step",
            name=names.scaling_policy("endpoint-latency"),
            policy_type="StepScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            step_scaling_policy_configuration=StepScaling(
                adjustment_type="ChangeInCapacity",
                metric_aggregation_type="Maximum",
                cooldown=settings.scale_out_cooldown_seconds,
                step_adjustments=[
                    Step(metric_interval_lower_bound="0", scaling_adjustment=settings.latency_scale_out_instances)
                ],
            ),
            opts=self._child,
        )
        return scale_out.arn


def is_isolated(inference: Inference) -> bool:
    """Whether a model's containers are cut off from the network, which serving does not need.

    Serverless inference does not support it: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html.
    """
    return inference != "serverless"


def model_environment(settings: EndpointSettings) -> Mapping[str, str]:
    """The inference container's variables."""
    return {
        "MODEL_PATH": f"{_MODEL_FOLDER}/{MODEL_FILE}",
        "CONFIDENCE_THRESHOLD": str(settings.confidence_threshold),
        "IOU_THRESHOLD": str(settings.iou_threshold),
        "VIEWS": str(settings.views),
    }


def rollback_alarms(args: DetectorEndpointArgs) -> Sequence[Alarm]:
    """What sends an update back: a fleet that fails or is slow. They know the endpoint by name and scale nothing."""
    endpoint = args.names.endpoint
    return [
        Alarm(
            name="EndpointRollbackErrors",
            description=f"The detector answered more than {args.server_errors} requests with 5xx in a minute; "
            "an update that is under way goes back to the old fleet",
            measure=endpoint_metric(endpoint, VARIANT_NAME, "Invocation5XXErrors"),
            threshold=args.server_errors,
        ),
        Alarm(
            name="EndpointRollbackLatency",
            description=f"The detector's p95 was above {args.latency_p95_ms:g} ms two minutes in a row; "
            "an update that is under way goes back to the old fleet",
            measure=endpoint_metric(endpoint, VARIANT_NAME, "ModelLatency", "p95", "Microseconds"),
            threshold=args.latency_p95_ms * _MICROSECONDS_PER_MS,
            periods=2,
        ),
    ]
