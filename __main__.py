"""The Pulumi program: a stage's settings, the components made from them, what it exports."""

import pulumi
import pulumi_aws as aws

from components.api import STAGE_NAME, BlueprintApi, BlueprintApiArgs
from components.bulk import BulkProcessing, BulkProcessingArgs
from components.detector.endpoint import DetectorEndpoint, DetectorEndpointArgs
from components.detector.function import DetectorFunction, DetectorFunctionArgs
from components.detector.repositories import ImageRepositories, ImageRepositoriesArgs
from components.detector.roles import SageMakerRoles, SageMakerRolesArgs
from components.function import BlueprintFunction, BlueprintFunctionArgs
from components.last_deployment import LastDeployment
from components.monitoring import Monitoring, MonitoringArgs
from components.naming import Names, has_endpoint
from components.notifications import AlarmTopic, AlarmTopicArgs
from components.openapi import read_contract
from components.packaging import PackagingError, package_function, package_model
from components.retraining.component import Retraining, RetrainingArgs
from components.roles import bound_roles
from components.settings.stage import SettingsError, load_stage
from components.storage import BlueprintBucket, BlueprintBucketArgs, StatusTable, StatusTableArgs
from components.training import TrainingJob, TrainingJobArgs

try:
    stage = load_stage()
    archive = package_function(runtime=stage.settings.function.runtime)
    model = package_model()
except (SettingsError, PackagingError) as error:
    # Shows as one error in the engine's diagnostics and in the comment on a pull request, not as an exit status.
    raise pulumi.RunError(str(error)) from error

settings, tags = stage.settings, stage.tags
names = Names(
    stage=stage.name,
    account_id=aws.get_caller_identity().account_id,
    region=stage.region,
    inference=settings.inference,
)
if settings.permissions_boundary:
    bound_roles(names.roles_boundary_arn)
last = LastDeployment.read()
in_lambda = not has_endpoint(settings.inference)
log_retention_days = settings.monitoring.log_retention_days

if settings.protect and not settings.monitoring.subscriptions:
    pulumi.log.warn("monitoring.subscriptions is none: nobody is told of an alarm")
topic = AlarmTopic(
    "notifications", AlarmTopicArgs(names=names, subscriptions=settings.monitoring.subscriptions, last=last, tags=tags)
)
repositories = ImageRepositories(
    "images",
    ImageRepositoriesArgs(
        names=names,
        mutable_tags=settings.references_images_by_tag,
        function_arn=names.function_arn(names.detector_function) if in_lambda else None,
        protect=settings.protect,
        tags=tags,
    ),
)
inference_image = settings.inference_image(repositories.inference_url)
roles = SageMakerRoles(
    "roles",
    SageMakerRolesArgs(
        names=names,
        bucket_arn=names.bucket_arn(names.bucket),
        inference_repository_arn=repositories.inference_arn,
        training_repository_arn=repositories.training_arn,
        tags=tags,
    ),
)
bucket = BlueprintBucket(
    "blueprints",
    BlueprintBucketArgs(
        names=names,
        settings=settings.storage,
        allowed_origin=settings.allowed_origin,
        inference_role_arn=roles.inference_role_arn,
        training_role_arn=roles.training_role_arn,
        protect=settings.protect,
        tags=tags,
    ),
)
table = StatusTable(
    "status", StatusTableArgs(names=names, settings=settings.table, protect=settings.protect, last=last, tags=tags)
)
endpoint = DetectorEndpoint(
    names.served,
    DetectorEndpointArgs(
        names=names,
        settings=settings.endpoint,
        live_instances=stage.live_instances,
        serverless=settings.serverless,
        image=inference_image,
        model=model,
        bucket_name=bucket.bucket_name,
        roles=roles,
        topic_arn=topic.topic_arn,
        latency_p95_ms=settings.monitoring.model_latency_p95_ms,
        server_errors=settings.monitoring.endpoint_server_errors,
        log_retention_days=log_retention_days,
        tags=tags,
    ),
)
bulk = BulkProcessing(
    "bulk",
    BulkProcessingArgs(
        names=names,
        settings=settings.batch,
        model_name=endpoint.model_name,
        bucket_name=bucket.bucket_name,
        log_retention_days=log_retention_days,
        tags=tags,
    ),
)
detector = None
if in_lambda and inference_image is not None:
    detector = DetectorFunction(
        "detector",
        DetectorFunctionArgs(
            names=names,
            settings=settings.detector_function,
            thresholds=settings.endpoint,
            image=inference_image,
            repositories=repositories,
            timeout_seconds=settings.function.detector_timeout_seconds,
            tracing=settings.function.tracing,
            log_retention_days=log_retention_days,
            tags=tags,
        ),
    )
training = TrainingJob(
    "training",
    TrainingJobArgs(
        names=names,
        settings=settings.training,
        image=settings.training_image(repositories.training_url),
        bucket_name=bucket.bucket_name,
        role_arn=roles.training_role_arn,
        log_retention_days=log_retention_days,
        tags=tags,
    ),
)
retraining = Retraining(
    "retraining",
    RetrainingArgs(
        names=names,
        settings=settings.retraining,
        endpoint=settings.endpoint,
        serverless=settings.serverless,
        training=settings.training,
        training_image=settings.training_image(repositories.training_url),
        inference_image=inference_image,
        training_request=training.request,
        training_repository_arn=repositories.training_arn,
        bucket_name=bucket.bucket_name,
        bucket_arn=bucket.bucket_arn,
        roles=roles,
        rollback_alarm_names=endpoint.monitored.rollback_alarm_names if endpoint.monitored else (),
        topic_arn=topic.topic_arn,
        log_retention_days=log_retention_days,
        tags=tags,
    ),
)
function = BlueprintFunction(
    "handler",
    BlueprintFunctionArgs(
        names=names,
        settings=settings.function,
        archive=archive,
        bucket_name=bucket.bucket_name,
        bucket_arn=bucket.bucket_arn,
        table_name=table.table_name,
        table_arn=table.table_arn,
        detector_name=(detector.function_name if detector else names.detector_function)
        if in_lambda
        else endpoint.endpoint_name or names.endpoint,
        allowed_origin=settings.allowed_origin,
        record_ttl_days=settings.table.record_ttl_days,
        log_retention_days=log_retention_days,
        tags=tags,
    ),
)
api = BlueprintApi(
    "api",
    BlueprintApiArgs(
        names=names,
        settings=settings.api,
        contract=read_contract(),
        function_name=function.function_name,
        invoke_arn=function.invoke_arn,
        allowed_origin=settings.allowed_origin,
        log_retention_days=log_retention_days,
        tags=tags,
    ),
)
Monitoring(
    "monitoring",
    MonitoringArgs(
        names=names,
        settings=settings.monitoring,
        api_stage_name=STAGE_NAME,
        endpoint=endpoint.monitored,
        detector_function=detector is not None,
        retraining=retraining.state_machine_arn is not None,
        topic_arn=topic.topic_arn,
        tags=tags,
    ),
)

pulumi.export("apiUrl", api.url)
pulumi.export("apiKeyIds", api.api_key_ids)
pulumi.export("bucketName", bucket.bucket_name)
pulumi.export("tableName", table.table_name)
pulumi.export("functionName", function.function_name)
pulumi.export("functionArn", function.function_arn)
pulumi.export("detectorFunctionName", detector.function_name if detector else None)
pulumi.export("endpointName", endpoint.endpoint_name)
pulumi.export("endpointConfigName", endpoint.endpoint_config_name)
pulumi.export("modelDataUrl", endpoint.model_data_url)
pulumi.export("bulk", bulk.plan)
pulumi.export("inferenceRepositoryUrl", repositories.inference_url)
pulumi.export("inferenceImageDigest", settings.inference_image_digest)
pulumi.export("trainingRepositoryUrl", repositories.training_url)
pulumi.export("trainingImageDigest", settings.training_image_digest)
pulumi.export("trainingJob", training.request)
pulumi.export("retrainingStateMachineArn", retraining.state_machine_arn)
pulumi.export("alarmTopicArn", topic.topic_arn)
pulumi.export("dashboardUrl", names.dashboard_url)
