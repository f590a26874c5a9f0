"""Log groups: created with their retention before a service can write to them and create them without one.

The retention is a setting, `monitoring.logRetentionDays`: a stage's own is in its `Pulumi.<stage>.yaml`, the default in
`settings/groups.py`.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.settings.groups import LogRetentionDays


def create_log_group(
    resource_name: str,
    *,
    physical_name: pulumi.Input[str],
    retention_days: LogRetentionDays,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
    shared: bool = False,
) -> aws.cloudwatch.LogGroup:
    """Registers a log group. A `shared` one is for all stages and projects of the account and outlives this stage."""
    return aws.cloudwatch.LogGroup(
        resource_name,
        name=physical_name,
        retention_in_days=retention_days,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=shared or None),
    )
