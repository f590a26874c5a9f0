"""The model, and the endpoint that serves it, on instances or serverless.

Guarantees: without an image there is no model and no endpoint, but everything else is deployed; the endpoint's log
group exists, with its retention, when the endpoint starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import pulumi
import pulumi_aws as aws
from pulumi_aws import sagemaker

from components.alarm import create_alarm
from components.detector.model import MODEL_ARCHIVE, ROUTING_STRATEGY, VARIANT_NAME, is_isolated, model_environment
from components.detector.roles import SageMakerRoles
from components.detector.scaling import scale_with_load
from components.detector.updates import deployment_config, rollback_alarms
from components.log_groups import create_log_group
from components.monitoring import MonitoredEndpoint
from components.naming import MODELS_PREFIX, Names, has_endpoint
from components.packaging import ModelArchive
from components.settings.groups import EndpointSettings, LogRetentionDays, ServerlessSettings


@dataclass(frozen=True, kw_only=True)
class DetectorEndpointArgs:
    """What the model and the endpoint need.

    Attributes:
        settings: of the real-time endpoint; its thresholds and model version apply to every kind of inference.
        live_instances: number of instances of a new fleet, instead of the initial number.
        serverless: settings of the serverless endpoint.
        image: the inference image by digest (by tag in stage local), None if there is none yet.
        model: the archive that is uploaded as the endpoint's model data.
        roles: the component with the execution role; the endpoint also waits for its policies.
        latency_p95_ms, server_errors: thresholds of the rollback alarms; errors are per minute.
    """

    names: Names
    settings: EndpointSettings
    live_instances: int | None = None
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
    """The model data and, if there is an image, the model and the endpoint that serves it.

    `names.inference` chooses the kind of endpoint; with `lambda` there is none, but the model exists for batch
    transforms. The model is the one in this repository, or a retrained version.

    A serverless endpoint has no instances to scale and no deployment guardrails: SageMaker has those only for real-time
    endpoints (https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html). Its resources have other
    names than the real-time endpoint's, because neither can be turned into the other.

    The name of this component becomes part of the generated names of the model and the endpoint configuration, so it
    contains the stage.

    Superseded models, configurations and model data are retained. If SageMaker rolls an update back, the provider
    reports success (https://github.com/hashicorp/terraform-provider-aws/issues/48997), and Pulumi would then delete the
    old ones: the endpoint would run without its configuration, and could be neither scaled nor updated.
    """

    model_data_url: pulumi.Output[str]
    model_name: pulumi.Output[str] | None
    endpoint_name: pulumi.Output[str] | None
    endpoint_config_name: pulumi.Output[str] | None
    """The model that the endpoint serves, unless SageMaker has rolled it back."""
    monitored: MonitoredEndpoint | None
    """What monitoring needs to know about the endpoint; None if there is none yet."""

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
            detector = "the endpoint" if has_endpoint(args.names.inference) else "the detector's function"
            pulumi.log.info(
                f"inferenceImageDigest is not set: deploying everything but the model and {detector}", resource=self
            )
        else:
            model = self._create_model(args.image)
            self.model_name = model.name
            match args.names.inference:
                case "endpoint":
                    self._serve_on_instances(model)
                case "serverless":
                    self._serve_on_demand(model)
                case "lambda":
                    pass
                case _:
                    assert_never(args.names.inference)
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
                initial_instance_count=args.live_instances or args.settings.initial_instances,
                initial_variant_weight=1,
                container_startup_health_check_timeout_in_seconds=args.settings.startup_timeout_seconds,
                # A large plan keeps an instance busy for long, and SageMaker's default chooses one at random.
                routing_configs=[
                    sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs(routing_strategy=ROUTING_STRATEGY)
                ],
            ),
            # Autoscaling controls it: a new initial value must not replace the configuration and reset the fleet. If
            # the configuration is replaced for another reason, the new fleet is as large as the old one.
            ignore_changes=None if args.live_instances else ["productionVariants[0].initialInstanceCount"],
        )
        alarms = self._create_rollback_alarms()
        endpoint = self._create_endpoint(
            name, config, deployment_config(args.settings, alarm_names=[alarm.name for alarm in alarms.values()])
        )
        self.monitored = MonitoredEndpoint(
            variant_name=VARIANT_NAME,
            instance_type=args.settings.instance_type,
            running=endpoint,
            scale_out_policy_arn=scale_with_load(
                name,
                endpoint_name=endpoint.name,
                names=args.names,
                settings=args.settings,
                tags=args.tags,
                parent=self,
            ),
            rollback_alarm_names=list(alarms),
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
        """A model is immutable, so that it is replaced on changes: its name is generated."""
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
        """A configuration is immutable, so that it is replaced on changes: its name is generated."""
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
        log_group = create_log_group(
            f"{prefix}-logs",
            physical_name=args.names.endpoint_log_group,
            retention_days=args.log_retention_days,
            tags=args.tags,
            parent=self,
        )
        endpoint = sagemaker.Endpoint(
            f"{prefix}-endpoint",
            name=args.names.endpoint,
            endpoint_config_name=config.name,
            deployment_config=deployment_config,
            tags=args.tags,
            # Otherwise SageMaker would create the log group, without a retention.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_group]),
        )
        self.endpoint_name = endpoint.name
        return endpoint

    def _create_rollback_alarms(self) -> Mapping[str, aws.cloudwatch.MetricAlarm]:
        """Creates the alarms that roll back an update; returns their names."""
        args = self._args
        alarms = rollback_alarms(
            args.names.endpoint, latency_p95_ms=args.latency_p95_ms, server_errors=args.server_errors
        )
        return {
            args.names.alarm(alarm.name): create_alarm(
                f"{self.pulumi_resource_name}-{alarm.name}",
                alarm,
                physical_name=args.names.alarm(alarm.name),
                topic_arn=args.topic_arn,
                tags=args.tags,
                parent=self,
            )
            for alarm in alarms
        }
