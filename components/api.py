"""API: the REST API in front of the function.

Guarantees: what is not in the contract is refused before it reaches the function; every answer, the gateway's own
included, has the API's error shape and CORS headers; the stage is throttled; every change of the contract is deployed;
each request leaves one line in the access log and no body or key in any log.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import policies
from components.naming import Names
from components.openapi import gateway_body
from components.settings.groups import ApiSettings, LogRetentionDays

# Clients have it in their URL, so it is the same in every stage of the stack.
STAGE_NAME = "prod"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
ACCESS_LOG_FORMAT = json.dumps(
    {
        "time": "$context.requestTime",
        "request_id": "$context.requestId",
        "source_ip": "$context.identity.sourceIp",
        "api_key_id": "$context.identity.apiKeyId",
        "method": "$context.httpMethod",
        "route": "$context.resourcePath",
        "status": "$context.status",
        "latency_ms": "$context.responseLatency",
        "function_latency_ms": "$context.integrationLatency",
        "function_status": "$context.integrationStatus",
        "response_bytes": "$context.responseLength",
        "gateway_error": "$context.error.responseType",
    }
)


@dataclass(frozen=True, kw_only=True)
class BlueprintApiArgs:
    """What the API needs.

    Attributes:
        contract: the OpenAPI 3.0 document that the function answers to, from `openapi.read_contract`.
        function_name: the function that may be invoked.
        invoke_arn: its invocation ARN, as an integration wants it.
        allowed_origin: `*` or the one origin that may call from a browser.

    Raises:
        ValueError: the contract is not OpenAPI 3.0: API Gateway refuses 3.1.
    """

    names: Names
    settings: ApiSettings
    contract: Mapping[str, Any]
    function_name: pulumi.Input[str]
    invoke_arn: pulumi.Input[str]
    allowed_origin: str
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        version = str(self.contract.get("openapi"))
        if not version.startswith("3.0."):
            raise ValueError(f"contract: OpenAPI {version} is not allowed: must be 3.0, which API Gateway imports")


class BlueprintApi(pulumi.ComponentResource):
    """The REST API with its stage, limits and logs."""

    url: pulumi.Output[str]
    api_id: pulumi.Output[str]
    api_key_id: pulumi.Output[str] | None
    access_log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: BlueprintApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:api:BlueprintApi", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        body = pulumi.Output.from_input(args.invoke_arn).apply(lambda invoke_arn: _body(args, invoke_arn))
        api = aws.apigateway.RestApi(
            f"{name}-rest-api",
            name=args.names.api,
            description="Finds the rooms of architectural blueprints",
            body=body,
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL"),
            tags=args.tags,
            opts=self._child,
        )
        self.api_id = api.id
        stage = self._create_stage(api, body)
        self._create_permission(api)
        self.api_key_id = self._create_usage_plan(stage)
        self.url = stage.invoke_url
        self.register_outputs(
            {
                "url": self.url,
                "apiId": self.api_id,
                "apiKeyId": self.api_key_id,
                "accessLogGroupName": self.access_log_group_name,
            }
        )

    def _create_stage(self, api: aws.apigateway.RestApi, body: pulumi.Output[str]) -> aws.apigateway.Stage:
        name, args = self.pulumi_resource_name, self._args
        access_log = aws.cloudwatch.LogGroup(
            f"{name}-access-logs",
            name=args.names.access_log_group,
            retention_in_days=args.log_retention_days,
            tags=args.tags,
            opts=self._child,
        )
        self.access_log_group_name = access_log.name
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment",
            rest_api=api.id,
            triggers={"body": body.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())},
            opts=self._child,
        )
        stage = aws.apigateway.Stage(
            f"{name}-stage",
            rest_api=api.id,
            deployment=deployment.id,
            stage_name=STAGE_NAME,
            access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
                destination_arn=access_log.name.apply(args.names.log_group_arn), format=ACCESS_LOG_FORMAT
            ),
            xray_tracing_enabled=args.settings.tracing,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._create_logging(api)),
        )
        aws.apigateway.MethodSettings(
            f"{name}-method-settings",
            rest_api=api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                logging_level=args.settings.execution_log_level,
                data_trace_enabled=False,  # it would log whole requests: images and keys
                metrics_enabled=False,  # of each method, billed; those of the stage, which the alarms watch, are free
                throttling_rate_limit=args.settings.rate_limit,
                throttling_burst_limit=args.settings.burst_limit,
            ),
            opts=self._child,
        )
        return stage

    def _create_logging(self, api: aws.apigateway.RestApi) -> list[pulumi.Resource]:
        """What has to exist before the stage can log, or would be created by API Gateway without a retention."""
        name, args = self.pulumi_resource_name, self._args
        before_stage: list[pulumi.Resource] = []
        if args.settings.execution_log_level != "OFF":
            before_stage.append(
                aws.cloudwatch.LogGroup(
                    f"{name}-execution-logs",
                    # API Gateway chooses the name.
                    name=api.id.apply(lambda api_id: f"API-Gateway-Execution-Logs_{api_id}/{STAGE_NAME}"),
                    retention_in_days=args.log_retention_days,
                    tags=args.tags,
                    opts=self._child,
                )
            )
        if args.settings.account_logging_role:
            before_stage.append(self._create_account())
        return before_stage

    def _create_account(self) -> aws.apigateway.Account:
        name, args = self.pulumi_resource_name, self._args
        role = aws.iam.Role(
            f"{name}-logging-role",
            name=args.names.api_logging_role,
            description="API Gateway's logs, of every API of the account and region",
            assume_role_policy=policies.rendered(policies.service_trust, service="apigateway.amazonaws.com"),
            tags=args.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-logging-policy",
            name="api-gateway-logs",
            role=role.name,
            policy=policies.rendered(policies.gateway_logging_policy, log_groups_arn=args.names.log_group_arn("*")),
            opts=self._child,
        )
        return aws.apigateway.Account(
            f"{name}-account",
            cloudwatch_role_arn=role.arn,
            # API Gateway tries the role before it takes it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _create_permission(self, api: aws.apigateway.RestApi) -> None:
        aws.lambda_.Permission(
            f"{self.pulumi_resource_name}-invoke-permission",
            action="lambda:InvokeFunction",
            function=self._args.function_name,
            principal="apigateway.amazonaws.com",
            # Of this API only its stage, with any method and route of the contract.
            source_arn=api.id.apply(lambda api_id: self._args.names.api_stage_arn(api_id, STAGE_NAME)),
            opts=self._child,
        )

    def _create_usage_plan(self, stage: aws.apigateway.Stage) -> pulumi.Output[str] | None:
        """The plan, which limits every key by itself, and with `api_keys` the stack's key; returns the key's id."""
        name, args = self.pulumi_resource_name, self._args
        plan = aws.apigateway.UsagePlan(
            f"{name}-usage-plan",
            name=args.names.api,
            api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=self.api_id, stage=stage.stage_name)],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=args.settings.rate_limit, burst_limit=args.settings.burst_limit
            ),
            quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(
                limit=args.settings.quota_limit, period=args.settings.quota_period
            ),
            tags=args.tags,
            opts=self._child,
        )
        if not args.settings.api_keys:
            return None
        key = aws.apigateway.ApiKey(
            f"{name}-key",
            name=args.names.api,
            description="The first client's; its value is in API Gateway only",
            tags=args.tags,
            opts=self._child,
        )
        aws.apigateway.UsagePlanKey(
            f"{name}-plan-key", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id, opts=self._child
        )
        return key.id


def _body(args: BlueprintApiArgs, invoke_arn: str) -> str:
    body = gateway_body(
        args.contract,
        title=args.names.api,
        invoke_arn=invoke_arn,
        allowed_origin=args.allowed_origin,
        api_keys=args.settings.api_keys,
    )
    return json.dumps(body, sort_keys=True)
