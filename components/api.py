"""API: the REST API in front of the function.

Guarantees: a request outside the contract is refused before it reaches the function; every answer, also from the
gateway itself, has CORS headers and the API's error format; the gateway's stage is throttled; every change of the
contract is deployed; each request gives one line in the access log, and no body or key in any log.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import policies
from components.log_groups import create_log_group
from components.naming import Names
from components.openapi import gateway_body
from components.roles import create_role
from components.settings.groups import ApiSettings, ClientSettings, LogRetentionDays

# Clients have it in their URL, so it is the same in every stage.
STAGE_NAME = "prod"
# The name of the only client if no clients are named.
THE_CLIENT = "default"
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
        contract: the OpenAPI 3.0 document of the API, from `openapi.read_contract`.
        function_name: the function that may be invoked.
        invoke_arn: its invocation ARN, in the form for an integration.
        allowed_origin: `*` or the only origin that may call from a browser.

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
    """The REST API with its API Gateway stage, limits and logs."""

    url: pulumi.Output[str]
    api_id: pulumi.Output[str]
    api_key_ids: pulumi.Output[dict[str, str]] | None
    """The id of each client's key, by the client's name; None without keys."""
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
        self.api_key_ids = self._create_usage_plans(stage)
        self.url = stage.invoke_url
        self.register_outputs(
            {
                "url": self.url,
                "apiId": self.api_id,
                "apiKeyIds": self.api_key_ids,
                "accessLogGroupName": self.access_log_group_name,
            }
        )

    def _create_stage(self, api: aws.apigateway.RestApi, body: pulumi.Output[str]) -> aws.apigateway.Stage:
        name, args = self.pulumi_resource_name, self._args
        access_log = create_log_group(
            f"{name}-access-logs",
            physical_name=args.names.access_log_group,
            retention_days=args.log_retention_days,
            tags=args.tags,
            parent=self,
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
                data_trace_enabled=False,  # it would log whole requests, including images and keys
                metrics_enabled=False,  # metrics per method are billed; those the alarms watch, per stage, are free
                throttling_rate_limit=args.settings.rate_limit,
                throttling_burst_limit=args.settings.burst_limit,
            ),
            opts=self._child,
        )
        return stage

    def _create_logging(self, api: aws.apigateway.RestApi) -> list[pulumi.Resource]:
        """Creates what the stage needs before it can log; a log group made by API Gateway has no retention."""
        name, args = self.pulumi_resource_name, self._args
        before_stage: list[pulumi.Resource] = []
        if args.settings.execution_log_level != "OFF":
            before_stage.append(
                create_log_group(
                    f"{name}-execution-logs",
                    # API Gateway chooses the name.
                    physical_name=api.id.apply(lambda api_id: f"API-Gateway-Execution-Logs_{api_id}/{STAGE_NAME}"),
                    retention_days=args.log_retention_days,
                    tags=args.tags,
                    parent=self,
                )
            )
        if args.settings.account_logging_role:
            before_stage.append(self._create_account())
        return before_stage

    def _create_account(self) -> aws.apigateway.Account:
        """The role with which all APIs of the account and region write their logs.

        It is kept when the stage or the setting is removed: without it, none of these APIs could write logs.
        """
        name, args = self.pulumi_resource_name, self._args
        role, policy = create_role(
            f"{name}-logging",
            physical_name=args.names.api_logging_role,
            description="API Gateway's logs, of every API of the account and region",
            service="apigateway.amazonaws.com",
            source_account=None,
            policy_name="api-gateway-logs",
            policy=policies.rendered(policies.gateway_logging_policy, log_groups_arn=args.names.log_group_arn("*")),
            tags=args.tags,
            parent=self,
            shared=True,
        )
        return aws.apigateway.Account(
            f"{name}-account",
            cloudwatch_role_arn=role.arn,
            # API Gateway tests the role before it accepts it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy], retain_on_delete=True),
        )

    def _create_permission(self, api: aws.apigateway.RestApi) -> None:
        aws.lambda_.Permission(
            f"{self.pulumi_resource_name}-invoke-permission",
            action="lambda:InvokeFunction",
            function=self._args.function_name,
            principal="apigateway.amazonaws.com",
            # Only from this API's stage, for every method and route of the contract.
            source_arn=api.id.apply(lambda api_id: self._args.names.api_stage_arn(api_id, STAGE_NAME)),
            opts=self._child,
        )

    def _create_usage_plans(self, stage: aws.apigateway.Stage) -> pulumi.Output[dict[str, str]] | None:
        """A usage plan and a key for each client; without clients, one plan and, with `api_keys`, one key."""
        name, args = self.pulumi_resource_name, self._args
        settings = args.settings
        if not settings.clients:
            plan = self._create_usage_plan(f"{name}-usage-plan", args.names.api, ClientSettings(), stage)
            if not settings.api_keys:
                return None
            return pulumi.Output.all(**{THE_CLIENT: self._create_key(name, args.names.api, plan)})
        keys: dict[str, pulumi.Output[str]] = {}
        for client, limits in settings.clients.items():
            physical_name = args.names.api_client(client)
            plan = self._create_usage_plan(f"{name}-{client}-usage-plan", physical_name, limits, stage)
            keys[client] = self._create_key(f"{name}-{client}", physical_name, plan)
        return pulumi.Output.all(**keys)

    def _create_usage_plan(
        self, resource_name: str, physical_name: str, limits: ClientSettings, stage: aws.apigateway.Stage
    ) -> aws.apigateway.UsagePlan:
        """A usage plan; its limits apply to each of its keys separately."""
        settings = self._args.settings
        return aws.apigateway.UsagePlan(
            resource_name,
            name=physical_name,
            api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=self.api_id, stage=stage.stage_name)],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=limits.rate_limit or settings.rate_limit,
                burst_limit=limits.burst_limit or settings.burst_limit,
            ),
            quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(
                limit=limits.quota_limit or settings.quota_limit,
                period=limits.quota_period or settings.quota_period,
            ),
            tags=self._args.tags,
            opts=self._child,
        )

    def _create_key(self, resource_name: str, physical_name: str, plan: aws.apigateway.UsagePlan) -> pulumi.Output[str]:
        """A key of a usage plan; returns its id."""
        key = aws.apigateway.ApiKey(
            f"{resource_name}-key",
            name=physical_name,
            description="The key of one client; its value is only in API Gateway",
            tags=self._args.tags,
            opts=self._child,
        )
        aws.apigateway.UsagePlanKey(
            f"{resource_name}-plan-key", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id, opts=self._child
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
