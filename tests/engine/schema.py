"""Which inputs a resource type of the AWS provider has, and which of them replace the resource.

`REPLACES` was read in the schemas of pulumi-aws 7.51's upstream provider, hashicorp/terraform-provider-aws 6
(`ForceNew`, `RequiresReplace`), for each type of this program. The inputs are those that pulumi_aws's own classes take.
"""

import functools
import importlib
import inspect

from pydantic.alias_generators import to_camel

ALL = frozenset({"*"})
# Parameters of every resource's constructor that are not inputs.
_NO_INPUTS = frozenset({"__self__", "self", "resource_name", "opts", "__props__"})
_NAMED = frozenset({"name", "namePrefix", "region"})
_OF_BUCKET = frozenset({"bucket", "expectedBucketOwner", "region"})

REPLACES = {
    "aws:apigateway/account:Account": frozenset({"region"}),
    "aws:apigateway/apiKey:ApiKey": frozenset({"region", "value"}),
    "aws:apigateway/deployment:Deployment": frozenset({"region", "restApi", "triggers", "variables"}),
    "aws:apigateway/methodSettings:MethodSettings": frozenset({"methodPath", "region", "restApi", "stageName"}),
    "aws:apigateway/restApi:RestApi": frozenset({"region"}),
    "aws:apigateway/stage:Stage": frozenset({"region", "restApi", "stageName"}),
    "aws:apigateway/usagePlan:UsagePlan": frozenset({"region"}),
    "aws:apigateway/usagePlanKey:UsagePlanKey": ALL,
    "aws:appautoscaling/policy:Policy": frozenset(
        {"name", "region", "resourceId", "scalableDimension", "serviceNamespace"}
    ),
    "aws:appautoscaling/target:Target": frozenset({"region", "resourceId", "scalableDimension", "serviceNamespace"}),
    "aws:cloudwatch/dashboard:Dashboard": frozenset({"dashboardName", "region"}),
    "aws:cloudwatch/logGroup:LogGroup": _NAMED | {"logGroupClass"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": frozenset({"name", "region"}),
    "aws:dynamodb/table:Table": frozenset(
        {"hashKey", "localSecondaryIndexes", "name", "rangeKey", "region", "restoreDateTime", "restoreToLatestTime"}
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": frozenset({"policy", "region", "repository"}),
    "aws:ecr/repository:Repository": frozenset({"encryptionConfigurations", "name", "region"}),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": frozenset({"region", "repository"}),
    "aws:iam/role:Role": _NAMED | {"path"},
    "aws:iam/rolePolicy:RolePolicy": _NAMED | {"role"},
    "aws:lambda/function:Function": frozenset({"name", "packageType", "region", "tenancyConfig"}),
    "aws:lambda/permission:Permission": ALL,
    "aws:s3/bucket:Bucket": frozenset({"bucket", "bucketPrefix", "objectLockEnabled", "region"}),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _OF_BUCKET,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _OF_BUCKET,
    "aws:s3/bucketObjectv2:BucketObjectv2": frozenset({"bucket", "key", "region"}),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": frozenset({"bucket", "region"}),
    "aws:s3/bucketPolicy:BucketPolicy": frozenset({"bucket", "region"}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": frozenset({"bucket", "region"}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _OF_BUCKET,
    "aws:s3/bucketVersioning:BucketVersioning": _OF_BUCKET,
    # Of a change of its guardrails only this: alarms that are added to none, or all taken away.
    "aws:sagemaker/endpoint:Endpoint": frozenset({"name", "region"}),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _NAMED
    | {
        "asyncInferenceConfig",
        "dataCaptureConfig",
        "executionRoleArn",
        "kmsKeyArn",
        "productionVariants",
        "shadowProductionVariants",
    },
    "aws:sagemaker/model:Model": frozenset(
        {"containers", "enableNetworkIsolation", "executionRoleArn", "name", "primaryContainer", "region"}
    ),
    "aws:sfn/stateMachine:StateMachine": _NAMED | {"type"},
    "aws:sns/topic:Topic": _NAMED | {"fifoTopic"},
    "aws:sns/topicPolicy:TopicPolicy": frozenset({"arn", "region"}),
    "aws:sns/topicSubscription:TopicSubscription": frozenset({"endpoint", "protocol", "region", "topic"}),
}


@functools.cache
def inputs(token: str) -> frozenset[str]:
    """The camelCase inputs of a type such as `aws:s3/bucket:Bucket`.

    Raises:
        LookupError: `REPLACES` does not have the type: read in the provider's schema what replaces it.
    """
    if token not in REPLACES:
        raise LookupError(f"tests/engine/schema.py has no {token}: say there which of its inputs replace it")
    service, kind = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
    module = importlib.import_module(f"pulumi_aws.{'lambda_' if service == 'lambda' else service}")
    parameters = inspect.signature(getattr(module, kind)._internal_init).parameters.values()
    names = [parameter.name for parameter in parameters if parameter.name not in _NO_INPUTS]
    return frozenset(to_camel(name) for name in names)


def replaces(token: str, changed: set[str]) -> list[str]:
    """Those of the changed inputs that replace a resource of this type, sorted."""
    return sorted(changed if REPLACES[token] == ALL else changed & REPLACES[token])
