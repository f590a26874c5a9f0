import hashlib
import json
from typing import Any

import pytest

from components.api import BlueprintApi, BlueprintApiArgs
from components.naming import Names
from components.openapi import read_contract
from components.settings.groups import ApiSettings, ClientSettings
from tests.components.recorder import Graph, build


def api(names: Names, tags: dict[str, str], settings: ApiSettings | None = None, **changes: Any) -> Graph:
    arguments: dict[str, Any] = {
        "names": names,
        "settings": settings or ApiSettings(),
        "contract": read_contract(),
        "function_name": "room-detection-ai-handler-dev",
        "invoke_arn": "arn:invoke",
        "allowed_origin": "*",
        "log_retention_days": 7,
        "tags": tags,
    }
    return build(lambda: BlueprintApi("api", BlueprintApiArgs(**arguments | changes)))


def test_the_api_is_regional_and_made_from_the_contract(names: Names, tags: dict[str, str]) -> None:
    inputs = api(names, tags).inputs("restApi:RestApi")
    body = json.loads(inputs.pop("body"))
    assert inputs == {
        "name": "room-detection-api-dev",
        "description": "Finds the rooms of architectural blueprints",
        "endpointConfiguration": {"types": "REGIONAL"},
        "tags": tags,
    }
    assert body["info"]["title"] == "room-detection-api-dev"
    assert body["paths"]["/upload"]["post"]["x-amazon-apigateway-integration"]["uri"] == "arn:invoke"


def test_a_changed_contract_is_deployed_again_and_an_unchanged_one_is_not(names: Names, tags: dict[str, str]) -> None:
    contract = read_contract()
    first, again = (api(names, tags).inputs("deployment:Deployment")["triggers"] for _ in range(2))
    contract["paths"]["/status"]["get"]["summary"] += " again"
    changed = api(names, tags, contract=contract)
    assert first == again != changed.inputs("deployment:Deployment")["triggers"]
    body = changed.inputs("restApi:RestApi")["body"]
    assert changed.inputs("deployment:Deployment")["triggers"] == {"body": hashlib.sha256(body.encode()).hexdigest()}


def test_the_stage_is_prod_and_logs_one_json_line_per_request(names: Names, tags: dict[str, str]) -> None:
    graph = api(names, tags)
    stage = graph.inputs("stage:Stage")
    access_log = stage.pop("accessLogSettings")
    assert stage == {
        "restApi": "api123",
        "deployment": "deployment123",
        "stageName": "prod",
        "xrayTracingEnabled": False,
        "tags": tags,
    }
    assert access_log["destinationArn"] == (
        "arn:aws:logs:us-east-2:123456789012:log-group:/aws/apigateway/room-detection-api-dev"
    )
    line = json.loads(access_log["format"])
    assert {"request_id", "method", "route", "status", "latency_ms"} <= line.keys()
    assert all(value.startswith("$context.") for value in line.values())


def test_the_stage_is_throttled_measured_and_logged_without_request_data(names: Names, tags: dict[str, str]) -> None:
    assert api(names, tags).inputs("methodSettings:MethodSettings") == {
        "restApi": "api123",
        "stageName": "prod",
        "methodPath": "*/*",
        "settings": {
            "loggingLevel": "INFO",
            "dataTraceEnabled": False,
            "metricsEnabled": False,
            "throttlingRateLimit": 100,
            "throttlingBurstLimit": 200,
        },
    }


def test_both_logs_have_a_retention_before_the_gateway_writes_to_them(names: Names, tags: dict[str, str]) -> None:
    graph = api(names, tags)
    access, execution = graph.one("LogGroup", "access-logs"), graph.one("LogGroup", "execution-logs")
    assert access.inputs == {"name": "/aws/apigateway/room-detection-api-dev", "retentionInDays": 7, "tags": tags}
    assert execution.inputs == {
        "name": "API-Gateway-Execution-Logs_api123/prod",
        "retentionInDays": 7,
        "tags": tags,
    }
    assert {access.urn, execution.urn} <= set(graph.one("stage:Stage").dependencies)


def test_without_execution_logging_there_is_no_group_for_it(names: Names, tags: dict[str, str]) -> None:
    graph = api(names, tags, ApiSettings(execution_log_level="OFF"))
    assert [group.name for group in graph.all("logGroup:LogGroup")] == ["api-access-logs"]
    assert graph.inputs("methodSettings:MethodSettings")["settings"]["loggingLevel"] == "OFF"


def test_only_the_apis_stage_may_invoke_the_function(names: Names, tags: dict[str, str]) -> None:
    assert api(names, tags).inputs("permission:Permission") == {
        "action": "lambda:InvokeFunction",
        "function": "room-detection-ai-handler-dev",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": "arn:aws:execute-api:us-east-2:123456789012:api123/prod/*",
    }


def test_the_usage_plan_has_the_documents_limits(names: Names, tags: dict[str, str]) -> None:
    assert api(names, tags).inputs("usagePlan:UsagePlan") == {
        "name": "room-detection-api-dev",
        "apiStages": [{"apiId": "api123", "stage": "prod"}],
        "throttleSettings": {"rateLimit": 100, "burstLimit": 200},
        "quotaSettings": {"limit": 10_000, "period": "DAY"},
        "tags": tags,
    }


def test_without_keys_there_is_no_key(names: Names, tags: dict[str, str]) -> None:
    graph = api(names, tags)
    assert not graph.all("apiKey:ApiKey") + graph.all("usagePlanKey:UsagePlanKey")
    assert "apiKeyIds" not in graph.outputs("api:BlueprintApi")


def test_with_keys_one_is_created_for_the_plan_and_exported_by_its_id(names: Names, tags: dict[str, str]) -> None:
    graph = api(names, tags, ApiSettings(api_keys=True))
    key = graph.inputs("apiKey:ApiKey")
    assert (key["name"], key["tags"]) == ("room-detection-api-dev", tags)
    assert "value" not in key, "AWS makes it: it stands in no file and no state"
    assert graph.inputs("usagePlanKey:UsagePlanKey") == {
        "keyId": "key123",
        "keyType": "API_KEY",
        "usagePlanId": "plan123",
    }
    assert graph.outputs("api:BlueprintApi")["apiKeyIds"] == {"default": "key123"}
    body = json.loads(graph.inputs("restApi:RestApi")["body"])
    assert body["paths"]["/upload"]["post"]["security"] == [{"apiKey": []}]


def test_the_accounts_logging_role_is_created_only_if_a_setting_says_so(names: Names, tags: dict[str, str]) -> None:
    assert not api(names, tags).all("account:Account")
    graph = api(names, tags, ApiSettings(account_logging_role=True))
    role, policy = graph.one("role:Role"), graph.one("rolePolicy:RolePolicy")
    assert graph.inputs("account:Account") == {
        "cloudwatchRoleArn": "arn:aws:iam::123456789012:role/RoomDetectionApiGatewayLoggingRole-dev"
    }
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Principal"] == {
        "Service": "apigateway.amazonaws.com"
    }
    assert json.loads(policy.inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ApiLogs",
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:FilterLogEvents",
                    "logs:GetLogEvents",
                    "logs:PutLogEvents",
                ],
                "Resource": "arn:aws:logs:us-east-2:123456789012:log-group:*",
            }
        ],
    }
    account = graph.one("account:Account")
    assert policy.urn in account.dependencies, "API Gateway tries the role before it takes it"
    assert account.urn in graph.one("stage:Stage").dependencies, "a stage cannot log before the account can"


def test_the_accounts_logging_role_outlives_the_stage_and_the_setting(names: Names, tags: dict[str, str]) -> None:
    graph = api(names, tags, ApiSettings(account_logging_role=True))
    kept = [resource.name for resource in graph.resources if resource.retain_on_delete]
    assert kept == ["api-logging-role", "api-logging-policy", "api-account"]


def test_tracing_is_a_setting(names: Names, tags: dict[str, str]) -> None:
    assert api(names, tags, ApiSettings(tracing=True)).inputs("stage:Stage")["xrayTracingEnabled"] is True


def test_the_apis_url_is_its_output(names: Names, tags: dict[str, str]) -> None:
    assert api(names, tags).outputs("api:BlueprintApi") == {
        "url": "https://api123.execute-api.us-east-2.amazonaws.com/prod",
        "apiId": "api123",
        "accessLogGroupName": "/aws/apigateway/room-detection-api-dev",
    }


@pytest.mark.parametrize("version", ["3.1.0", "2.0", None])
def test_a_contract_that_api_gateway_does_not_import_is_refused(
    names: Names, tags: dict[str, str], version: str | None
) -> None:
    contract = read_contract() | {"openapi": version}
    with pytest.raises(ValueError, match=rf"contract: OpenAPI {version} is not allowed: must be 3\.0"):
        api(names, tags, contract=contract)


def test_each_client_has_a_key_and_a_plan_with_limits_of_its_own(names: Names, tags: dict[str, str]) -> None:
    clients = {"web": ClientSettings(), "archive": ClientSettings(rate_limit=20, quota_limit=1000, quota_period="WEEK")}
    graph = api(names, tags, ApiSettings(api_keys=True, clients=clients))
    plans = {plan.name: plan.inputs for plan in graph.all("usagePlan:UsagePlan")}
    assert set(plans) == {"api-web-usage-plan", "api-archive-usage-plan"}
    assert plans["api-web-usage-plan"]["throttleSettings"] == {"rateLimit": 100, "burstLimit": 200}
    assert plans["api-archive-usage-plan"]["throttleSettings"] == {"rateLimit": 20, "burstLimit": 200}
    assert plans["api-archive-usage-plan"]["quotaSettings"] == {"limit": 1000, "period": "WEEK"}
    assert {key.inputs["name"] for key in graph.all("apiKey:ApiKey")} == {
        "room-detection-api-dev-web",
        "room-detection-api-dev-archive",
    }
    assert len(graph.all("usagePlanKey:UsagePlanKey")) == 2
    assert set(graph.outputs("api:BlueprintApi")["apiKeyIds"]) == {"web", "archive"}
