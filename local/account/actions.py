"""The IAM action, resource and condition keys of an AWS request.

Covers the services that a role of this project calls. S3's action names come from moto's table; the condition keys of
a call follow the service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.dynamodb.models import dynamodb_backends
from moto.s3.responses import ACTION_MAP

from local.account.calls import conditions_of_every_call

_S3_QUERY_KEYS = ("prefix", "delimiter", "max-keys")
_S3_HEADER_KEYS = ("x-amz-acl", "x-amz-server-side-encryption", "x-amz-storage-class")
_DYNAMODB_PLAIN_KEYS = ("ReturnValues", "Select", "ReturnConsumedCapacity")
_DYNAMODB_EXPRESSIONS = (
    *("ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression", "UpdateExpression"),
)
_DYNAMODB_WORDS = {
    *(
        "SET",
        "REMOVE",
        "ADD",
        "DELETE",
        "AND",
        "OR",
        "NOT",
        "BETWEEN",
        "IN",
        "attribute_exists",
        "attribute_not_exists",
    ),
    *("attribute_type", "begins_with", "contains", "size", "if_not_exists", "list_append"),
}
_NAME = re.compile(r"(?<![\w:.#])[#A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """A signed AWS request: account, the signature's region and service, and the HTTP parts that name its action."""

    account: str
    region: str
    service: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """One permission that the caller needs: see `local.account.calls.Call` for the fields."""

    action: str
    resource: str | None
    conditions: Mapping[str, list[str]]


def authorizations(request: SignedRequest) -> list[Authorization]:
    """The permissions that this request needs: one entry, or one per table for DynamoDB's batches."""
    match request.service:
        case "s3":
            found = [_s3(request)]
        case "dynamodb":
            found = _dynamodb(request)
        case "logs":
            found = [_logs(request)]
        case _:
            found = [_other(request)]
    return [replace(one, conditions={**conditions_of_every_call(request.region), **one.conditions}) for one in found]


def _s3(request: SignedRequest) -> Authorization:
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    query = parse_qs(request.query, keep_blank_values=True)
    names = ACTION_MAP["KEY" if key else "BUCKET"].get(request.method, {})
    name = next((names[word] for word in query if word in names), names.get("DEFAULT"))
    if name is None:
        return Authorization(action=f"s3:{request.method}?{request.query}", resource=None, conditions={})
    return Authorization(
        action="s3:ListBucket" if name == "HeadBucket" else f"s3:{name}",
        resource=f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}",
        conditions={f"s3:{word}": query[word] for word in _S3_QUERY_KEYS if word in query}
        | {f"s3:{name}": [request.headers[name]] for name in _S3_HEADER_KEYS if name in request.headers},
    )


def _dynamodb(request: SignedRequest) -> list[Authorization]:
    operation = _target_operation(request)
    body = json.loads(request.body or b"{}")
    if "TableName" in body:
        return [_table_access(request, operation, body["TableName"], body)]
    if "RequestItems" in body:
        return [_table_access(request, operation, table, {}) for table in body["RequestItems"]]
    if "TransactItems" in body:
        parts = [next(iter(item.items())) for item in body["TransactItems"]]
        # A transaction needs the permissions of its parts: an `Update` is `dynamodb:UpdateItem`.
        return [_table_access(request, f"{kind}Item", part["TableName"], part) for kind, part in parts]
    return [Authorization(action=f"dynamodb:{operation}", resource=None, conditions={})]


def _table_access(request: SignedRequest, operation: str, table: str, body: Mapping[str, Any]) -> Authorization:
    name = table.rsplit("/", 1)[-1]
    arn = f"arn:aws:dynamodb:{request.region}:{request.account}:table/{name}"
    resource = f"{arn}/index/{body['IndexName']}" if "IndexName" in body else arn
    conditions = {f"dynamodb:{key}": [body[key]] for key in _DYNAMODB_PLAIN_KEYS if key in body}
    known = dynamodb_backends[request.account][request.region].tables.get(name)
    leading = {**body.get("Key", {}), **body.get("Item", {})}.get(known.hash_key_attr) if known else None
    if leading:
        conditions["dynamodb:LeadingKeys"] = [str(value) for value in leading.values()]
    if attributes := _attributes(body):
        conditions["dynamodb:Attributes"] = sorted(attributes)
    return Authorization(action=f"dynamodb:{operation}", resource=resource, conditions=conditions)


def _attributes(body: Mapping[str, Any]) -> set[str]:
    placeholders = body.get("ExpressionAttributeNames", {})
    expressions = " ".join(body[key] for key in _DYNAMODB_EXPRESSIONS if key in body)
    named = {
        word
        for word in _NAME.findall(expressions)
        if word not in _DYNAMODB_WORDS and word.upper() not in _DYNAMODB_WORDS
    }
    return {placeholders.get(name, name) for name in named} | {*body.get("Key", {}), *body.get("Item", {})}


def _logs(request: SignedRequest) -> Authorization:
    body = json.loads(request.body or b"{}")
    arn = f"arn:aws:logs:{request.region}:{request.account}:log-group:{body.get('logGroupName', '')}"
    stream = body.get("logStreamName")
    return Authorization(
        action=f"logs:{_target_operation(request)}",
        resource=f"{arn}:log-stream:{stream}" if stream else arn,
        conditions={},
    )


def _other(request: SignedRequest) -> Authorization:
    """A service whose resources this module does not know: the action as far as the protocol names it."""
    operation = (
        _target_operation(request)
        or parse_qs(request.body.decode(errors="replace")).get("Action", [""])[0]
        or f"{request.method}{request.path}"
    )
    return Authorization(action=f"{request.service}:{operation}", resource=None, conditions={})


def _target_operation(request: SignedRequest) -> str:
    return request.headers.get("x-amz-target", "").rpartition(".")[2]
