"""S3 and DynamoDB."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from local.account.inputs import Inputs, UnsupportedError, pascal_keys, physical_name, tag_list
from local.account.resources.creation import Create, Created, Request


def _bucket(request: Request) -> Created:
    s3, inputs = request.aws.client("s3"), request.inputs
    bucket = physical_name(request.name, inputs, name="bucket", prefix="bucketPrefix", limit=63)
    region = request.aws.region
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **location)
    if tags := inputs.take("tags"):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_list(tags)})
    inputs.set_aside("a local stack ends as a whole: nothing is destroyed one by one", "forceDestroy")
    return Created(
        id=bucket,
        outputs={
            "bucket": bucket,
            "arn": f"arn:aws:s3:::{bucket}",
            "region": region,
            "bucketDomainName": f"{bucket}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{bucket}.s3.{region}.amazonaws.com",
        },
    )


def _versioning(request: Request) -> Created:
    bucket = request.inputs.need("bucket")
    configuration = pascal_keys(request.inputs.take("versioningConfiguration"), mfaDelete="MFADelete")
    request.aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=configuration)
    return Created(id=bucket)


def _encryption(request: Request) -> Created:
    bucket = request.inputs.need("bucket")
    rules = pascal_keys(request.inputs.need("rules"), sseAlgorithm="SSEAlgorithm", kmsMasterKeyId="KMSMasterKeyID")
    for rule in rules:
        if blocked := rule.get("BlockedEncryptionTypes"):  # a list for the provider, an object of S3's API
            rule["BlockedEncryptionTypes"] = {"EncryptionType": blocked}
    request.aws.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    return Created(id=bucket)


def _lifecycle(request: Request) -> Created:
    bucket = request.inputs.need("bucket")
    rules = pascal_keys(request.inputs.need("rules"), id="ID")
    request.aws.client("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    return Created(id=bucket)


def _cors(request: Request) -> Created:
    bucket = request.inputs.need("bucket")
    rules = pascal_keys(request.inputs.need("corsRules"), id="ID")
    request.aws.client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    return Created(id=bucket)


def _public_access_block(request: Request) -> Created:
    bucket = request.inputs.need("bucket")
    configuration = request.inputs.arguments(
        BlockPublicAcls="blockPublicAcls",
        BlockPublicPolicy="blockPublicPolicy",
        IgnorePublicAcls="ignorePublicAcls",
        RestrictPublicBuckets="restrictPublicBuckets",
    )
    request.aws.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=configuration)
    return Created(id=bucket)


def _ownership(request: Request) -> Created:
    bucket = request.inputs.need("bucket")
    rule = pascal_keys(request.inputs.need("rule"))
    request.aws.client("s3").put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [rule]})
    return Created(id=bucket)


def _bucket_policy(request: Request) -> Created:
    bucket, policy = request.inputs.need("bucket"), request.inputs.need("policy")
    document = json.loads(policy) if isinstance(policy, str) else policy
    request.aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy_for_moto(document)))
    return Created(id=bucket)


def policy_for_moto(document: Mapping[str, Any]) -> dict[str, Any]:
    """A bucket policy without its conditional statements.

    moto enforces bucket policies, and treats a statement whose condition is not met as a denial. With a TLS-only policy
    it would refuse every call.
    """
    return {**document, "Statement": [one for one in document["Statement"] if "Condition" not in one]}


def _object(request: Request) -> Created:
    inputs = request.inputs
    bucket, key = inputs.need("bucket"), inputs.need("key")
    arguments = inputs.arguments(
        ContentType="contentType",
        ServerSideEncryption="serverSideEncryption",
        StorageClass="storageClass",
        CacheControl="cacheControl",
        Metadata="metadata",
    )
    inputs.set_aside("these only decide whether a later update uploads again", "etag", "sourceHash", "forceDestroy")
    if tags := inputs.take("tags"):
        arguments["Tagging"] = "&".join(f"{key}={value}" for key, value in tags.items())
    with _content(inputs).open("rb") as content:
        answer = request.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content, **arguments)
    outputs = {
        "etag": answer["ETag"].strip('"'),
        "versionId": answer.get("VersionId"),
        "arn": f"arn:aws:s3:::{bucket}/{key}",
    }
    return Created(id=f"{bucket}/{key}", outputs=outputs)


def _content(inputs: Inputs) -> Path:
    source: Any = inputs.need("source")
    if not isinstance(source, pulumi.FileAsset):
        raise UnsupportedError(
            f"property source is a {type(source).__name__}: only a file (pulumi.FileAsset) is uploaded here"
        )
    return Path(source.path)


def _table(request: Request) -> Created:
    dynamodb, inputs = request.aws.client("dynamodb"), request.inputs
    table = physical_name(request.name, inputs)
    keys = [("HASH", inputs.need("hashKey")), ("RANGE", inputs.take("rangeKey"))]
    billing = inputs.take("billingMode", "PROVISIONED")
    capacity = {
        "ReadCapacityUnits": inputs.take("readCapacity", 1),
        "WriteCapacityUnits": inputs.take("writeCapacity", 1),
    }
    encryption = inputs.group("serverSideEncryption")
    answer = dynamodb.create_table(
        TableName=table,
        BillingMode=billing,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for kind, name in keys if name],
        AttributeDefinitions=[
            {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
            for attribute in inputs.need("attributes")
        ],
        Tags=tag_list(inputs.take("tags")),
        **({"ProvisionedThroughput": capacity} if billing == "PROVISIONED" else {}),
        **({"SSESpecification": _sse(encryption)} if encryption else {}),
        **inputs.arguments(DeletionProtectionEnabled="deletionProtectionEnabled", TableClass="tableClass"),
    )
    if ttl := inputs.group("ttl"):
        specification = ttl.arguments(AttributeName="attributeName", Enabled="enabled")
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    if recovery := inputs.group("pointInTimeRecovery"):
        specification = recovery.arguments(
            PointInTimeRecoveryEnabled="enabled", RecoveryPeriodInDays="recoveryPeriodInDays"
        )
        dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
    return Created(id=table, outputs={"name": table, "arn": answer["TableDescription"]["TableArn"]})


def _sse(encryption: Inputs) -> dict[str, Any]:
    return encryption.arguments(Enabled="enabled", KMSMasterKeyId="kmsKeyArn")


CREATE: dict[str, Create] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketVersioning:BucketVersioning": _versioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encryption,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _cors,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access_block,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _ownership,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_policy,
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:dynamodb/table:Table": _table,
}
