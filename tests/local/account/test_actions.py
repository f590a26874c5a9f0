"""Requests are recorded as what a policy must allow."""

import json
from typing import Any

import pytest

from local.account.actions import SignedRequest, authorizations

TABLE = "arn:aws:dynamodb:us-east-2:123456789012:table/records"


def request(service: str, **parts: Any) -> SignedRequest:
    defaults = {"method": "POST", "path": "/", "query": "", "headers": {}, "body": b""}
    return SignedRequest(account="123456789012", region="us-east-2", service=service, **{**defaults, **parts})


def dynamodb(operation: str, **body: Any) -> SignedRequest:
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    return request("dynamodb", headers=headers, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("method", "path", "query", "action", "resource"),
    [
        ("GET", "/plans/blueprints/a%20b.png", "", "s3:GetObject", "arn:aws:s3:::plans/blueprints/a b.png"),
        ("HEAD", "/plans/a.png", "", "s3:GetObject", "arn:aws:s3:::plans/a.png"),
        ("PUT", "/plans/a.png", "", "s3:PutObject", "arn:aws:s3:::plans/a.png"),
        ("PUT", "/plans/a.png", "tagging", "s3:PutObjectTagging", "arn:aws:s3:::plans/a.png"),
        ("DELETE", "/plans/a.png", "versionId=7", "s3:DeleteObjectVersion", "arn:aws:s3:::plans/a.png"),
        ("GET", "/plans", "list-type=2&prefix=blueprints/", "s3:ListBucket", "arn:aws:s3:::plans"),
        ("HEAD", "/plans", "", "s3:ListBucket", "arn:aws:s3:::plans"),
    ],
)
def test_an_s3_request_is_its_action_on_its_bucket_or_object(
    method: str, path: str, query: str, action: str, resource: str
) -> None:
    (needed,) = authorizations(request("s3", method=method, path=path, query=query))
    assert (needed.action, needed.resource) == (action, resource)


def test_a_listing_is_recorded_with_its_prefix() -> None:
    (needed,) = authorizations(request("s3", method="GET", path="/plans", query="list-type=2&prefix=blueprints/"))
    assert needed.conditions["s3:prefix"] == ["blueprints/"]


def test_a_dynamodb_update_names_every_attribute_that_it_touches() -> None:
    (needed,) = authorizations(
        dynamodb(
            "UpdateItem",
            TableName="records",
            Key={"id": {"S": "7"}},
            UpdateExpression="SET #s = :new, updated_at = :now REMOVE #e",
            ConditionExpression="attribute_exists(id) AND #s IN (:old)",
            ExpressionAttributeNames={"#s": "status", "#e": "error"},
            ExpressionAttributeValues={":new": {"S": "failed"}, ":now": {"N": "1"}, ":old": {"S": "processing"}},
            ReturnValues="ALL_NEW",
        )
    )
    assert (needed.action, needed.resource) == ("dynamodb:UpdateItem", TABLE)
    assert needed.conditions["dynamodb:Attributes"] == ["error", "id", "status", "updated_at"]
    assert needed.conditions["dynamodb:ReturnValues"] == ["ALL_NEW"]


def test_a_query_of_an_index_is_an_action_on_the_index() -> None:
    (needed,) = authorizations(dynamodb("Query", TableName="records", IndexName="by-age"))
    assert needed.resource == f"{TABLE}/index/by-age"


def test_a_batch_needs_the_right_on_every_table_and_a_transaction_on_every_part() -> None:
    batch = authorizations(dynamodb("BatchGetItem", RequestItems={"records": {}, "others": {}}))
    assert [needed.resource for needed in batch] == [TABLE, TABLE.replace("records", "others")]
    parts = [
        {"Put": {"TableName": "records", "Item": {"id": {"S": "7"}}}},
        {"ConditionCheck": {"TableName": "records", "Key": {"id": {"S": "8"}}}},
    ]
    transaction = authorizations(dynamodb("TransactWriteItems", TransactItems=parts))
    assert [needed.action for needed in transaction] == ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"]


def test_a_log_write_is_an_action_on_its_stream() -> None:
    body = json.dumps({"logGroupName": "/aws/lambda/plans", "logStreamName": "today"}).encode()
    (needed,) = authorizations(request("logs", headers={"x-amz-target": "Logs_20140328.PutLogEvents"}, body=body))
    arn = "arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/plans:log-stream:today"
    assert (needed.action, needed.resource) == ("logs:PutLogEvents", arn)


def test_a_service_that_the_recorder_does_not_know_has_no_resource_rather_than_a_wrong_one() -> None:
    (needed,) = authorizations(request("sns", body=b"Action=Publish&TopicArn=x"))
    assert (needed.action, needed.resource) == ("sns:Publish", None)
