"""Storage: the blueprint bucket and the status table.

Guarantees: both are encrypted; nothing in the bucket is public and nothing is served without TLS; blueprints and
records expire, with all versions; other overwritten objects and damaged tables can be restored for a while. With
`protect`, neither can be deleted by accident, nor anything that keeps a bucket safe; without it, both are destroyed
with their content.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationArgs as TargetTracking,
)
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as TrackedMetric,
)

from components import policies
from components.last_deployment import LastDeployment
from components.naming import BATCH_PREFIX, BLUEPRINTS_PREFIX, Names
from components.settings.groups import EXPIRED_PLAN_DAYS, StorageSettings, TableSettings

# Since April 2026, S3 blocks customer-provided keys in new buckets. Unless the program says so too, some versions of
# the provider see a difference at every update. Nothing here uses such keys.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html
_BLOCKED_ENCRYPTION = ["SSE-C"]
# With a KMS key, every role that uses the bucket needs the key too: the policies of the function, inference, training
# and evaluation in policies.py, and `boundary` in operations/deploy_policies.py. A key is also a resource, with what
# CONTRIBUTING.md says of a new resource type.
_S3_MANAGED_KEYS = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
    sse_algorithm="AES256"
)
# In a versioned bucket, an expired object becomes an old version. Old versions of users' plans are deleted in the next
# run of S3's rules, so that their retention is exact; of two rules for old versions, S3 applies the shorter one.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
_AT_ONCE = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=EXPIRED_PLAN_DAYS)
_RECORD_KEY = "blueprint_id"
_RECORD_TTL = "ttl"
_CAPACITIES = {
    "read": ("dynamodb:table:ReadCapacityUnits", "DynamoDBReadCapacityUtilization"),
    "write": ("dynamodb:table:WriteCapacityUnits", "DynamoDBWriteCapacityUtilization"),
}


@dataclass(frozen=True, kw_only=True)
class BlueprintBucketArgs:
    """What the bucket needs.

    Attributes:
        allowed_origin: `*` or the only origin that may use the bucket from a browser.
        inference_role_arn: the only service role that reads models; it must exist before the bucket's policy.
        training_role_arn: the only service role that reads training data and writes models; it must exist too.
        protect: keep the bucket and its content.
    """

    names: Names
    settings: StorageSettings
    allowed_origin: str
    inference_role_arn: pulumi.Input[str]
    training_role_arn: pulumi.Input[str]
    protect: bool
    tags: Mapping[str, str]


class BlueprintBucket(pulumi.ComponentResource):
    """The bucket with the folders `blueprints/`, `training/`, `validation/`, `models/` and `batch/`."""

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]

    def __init__(self, name: str, args: BlueprintBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:storage:BlueprintBucket", name, None, opts)

        def kept(*depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
            """Options of what a kept bucket needs: versioning, privacy, encryption and expiry are kept with it."""
            return pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect, depends_on=list(depends_on)
            )

        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args.names.bucket,
            force_destroy=not args.protect,
            tags=args.tags,
            opts=kept(),
        )
        self.bucket_name = bucket.bucket
        self.bucket_arn = bucket.bucket.apply(args.names.bucket_arn)

        public_access = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=self.bucket_name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=kept(),
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=self.bucket_name,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=kept(),
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self.bucket_name,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=_S3_MANAGED_KEYS,
                    blocked_encryption_types=_BLOCKED_ENCRYPTION,
                )
            ],
            opts=kept(),
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=self.bucket_name,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=kept(),
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.bucket_name,
            rules=_lifecycle_rules(args.settings),
            # Rules for old versions are refused before versioning is on.
            opts=kept(versioning),
        )
        aws.s3.BucketCorsConfiguration(
            f"{name}-cors",
            bucket=self.bucket_name,
            cors_rules=[
                aws.s3.BucketCorsConfigurationCorsRuleArgs(
                    allowed_origins=[args.allowed_origin],
                    allowed_methods=["GET", "POST", "PUT"],
                    allowed_headers=["*"],
                    expose_headers=["ETag"],
                    max_age_seconds=args.settings.cors_max_age_seconds,
                )
            ],
            opts=kept(),
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=self.bucket_name,
            policy=policies.rendered(
                policies.bucket_policy,
                bucket_arn=self.bucket_arn,
                inference_role_arn=args.inference_role_arn,
                training_role_arn=args.training_role_arn,
            ),
            # S3 refuses concurrent changes of a bucket's access.
            opts=kept(public_access),
        )
        self.register_outputs({"bucketName": self.bucket_name, "bucketArn": self.bucket_arn})


def _lifecycle_rules(settings: StorageSettings) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    every_object = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    return [
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="DeleteOldBlueprints",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=BLUEPRINTS_PREFIX),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=settings.blueprint_retention_days),
            noncurrent_version_expiration=_AT_ONCE,
        ),
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="DeleteOldBatches",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=BATCH_PREFIX),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=settings.batch_retention_days),
            noncurrent_version_expiration=_AT_ONCE,
        ),
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="DeleteOldVersions",
            status="Enabled",
            filter=every_object,
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=settings.old_version_retention_days
            ),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        ),
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="AbortIncompleteUploads",
            status="Enabled",
            filter=every_object,
            abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=settings.incomplete_upload_days
            ),
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class StatusTableArgs:
    """What the table needs.

    Attributes:
        protect: keep the table and its records.
        last: the state before this update.
    """

    names: Names
    settings: TableSettings
    protect: bool
    last: LastDeployment = field(default_factory=LastDeployment)
    tags: Mapping[str, str]


class StatusTable(pulumi.ComponentResource):
    """The table with one record per blueprint."""

    table_name: pulumi.Output[str]
    table_arn: pulumi.Output[str]

    def __init__(self, name: str, args: StatusTableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:storage:StatusTable", name, None, opts)
        settings = args.settings
        provisioned = not settings.on_demand
        table = aws.dynamodb.Table(
            f"{name}-table",
            name=args.names.table,
            hash_key=_RECORD_KEY,
            attributes=[aws.dynamodb.TableAttributeArgs(name=_RECORD_KEY, type="S")],
            billing_mode="PROVISIONED" if provisioned else "PAY_PER_REQUEST",
            read_capacity=settings.read_capacity if provisioned else None,
            write_capacity=settings.write_capacity if provisioned else None,
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=_RECORD_TTL, enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            # With AWS's managed key, for which the table's users need no permission.
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            deletion_protection_enabled=args.protect,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                retain_on_delete=args.protect,
                ignore_changes=_capacities_of_autoscaling(args) if provisioned else None,
            ),
        )
        self.table_name = table.name
        self.table_arn = table.name.apply(args.names.table_arn)
        if provisioned:
            for capacity in _CAPACITIES:
                self._scale(name, capacity, args)
        self.register_outputs({"tableName": self.table_name, "tableArn": self.table_arn})

    def _scale(self, name: str, capacity: str, args: StatusTableArgs) -> None:
        dimension, metric = _CAPACITIES[capacity]
        target = aws.appautoscaling.Target(
            f"{name}-{capacity}-target",
            service_namespace="dynamodb",
            resource_id=self.table_name.apply(lambda table: f"table/{table}"),
            scalable_dimension=dimension,
            min_capacity=args.settings.min_capacity,
            max_capacity=args.settings.max_capacity,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.appautoscaling.Policy(
            f"{name}-{capacity}-scaling",
            name=args.names.scaling_policy(f"table-{capacity}"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=TargetTracking(
                target_value=args.settings.target_utilization_percent,
                predefined_metric_specification=TrackedMetric(predefined_metric_type=metric),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _capacities_of_autoscaling(args: StatusTableArgs) -> list[str]:
    """Autoscaling controls a provisioned table's capacities: an update must not reset them.

    An update from on demand must set them: if they were ignored, they would stay unset, and the AWS provider would then
    give the table 1 unit of each.
    """
    before = args.last.of_type("aws:dynamodb/table:Table").values()
    was_on_demand = any(
        table["name"] == args.names.table and table.get("billingMode") == "PAY_PER_REQUEST" for table in before
    )
    return [] if was_on_demand else ["readCapacity", "writeCapacity"]
