"""Autoscaling of the real-time endpoint's instances."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
from pulumi_aws.appautoscaling import PolicyStepScalingPolicyConfigurationArgs as StepScaling
from pulumi_aws.appautoscaling import PolicyStepScalingPolicyConfigurationStepAdjustmentArgs as Step
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as TargetTracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as TrackedMetric,
)

from components.detector.model import VARIANT_NAME
from components.naming import Names
from components.settings.groups import EndpointSettings


def scale_with_load(
    resource_name: str,
    *,
    endpoint_name: pulumi.Output[str],
    names: Names,
    settings: EndpointSettings,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Registers the limits of the fleet and both scaling policies; returns the ARN of the one for the latency alarm."""
    child = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        f"{resource_name}-target",
        service_namespace="sagemaker",
        resource_id=endpoint_name.apply(lambda name: f"endpoint/{name}/variant/{VARIANT_NAME}"),
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        min_capacity=settings.min_instances,
        max_capacity=settings.max_instances,
        tags=tags,
        opts=child,
    )
    aws.appautoscaling.Policy(
        f"{resource_name}-tracking",
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
        opts=child,
    )
    scale_out = aws.appautoscaling.Policy(
        f"{resource_name}-latency-step",
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
        opts=child,
    )
    return scale_out.arn
