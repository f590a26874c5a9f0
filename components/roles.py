"""Service roles, each with its only inline policy, and the permissions boundary of all roles."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components import policies


def create_role(
    resource_name: str,
    *,
    physical_name: str,
    description: str,
    service: str,
    source_account: str | None,
    policy_name: str,
    policy: pulumi.Input[str],
    tags: Mapping[str, str],
    parent: pulumi.Resource,
    shared: bool = False,
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Registers a role that a service may assume, and its policy, on which callers depend.

    Args:
        source_account: the service may assume it only on behalf of this account; None if the service does not tell.
        shared: it is used by the whole account and outlives this stage.
    """
    child = pulumi.ResourceOptions(parent=parent, retain_on_delete=shared or None)
    role = aws.iam.Role(
        f"{resource_name}-role",
        name=physical_name,
        description=description,
        assume_role_policy=policies.rendered(policies.service_trust, service=service, source_account=source_account),
        tags=tags,
        opts=child,
    )
    role_policy = aws.iam.RolePolicy(
        f"{resource_name}-policy", name=policy_name, role=role.name, policy=policy, opts=child
    )
    return role, role_policy


def bound_roles(boundary_arn: str) -> None:
    """Gives every role that the program registers from now on this permissions boundary."""

    def bounded(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != "aws:iam/role:Role":
            return None
        return pulumi.ResourceTransformationResult({**args.props, "permissions_boundary": boundary_arn}, args.opts)

    pulumi.runtime.register_stack_transformation(bounded)
