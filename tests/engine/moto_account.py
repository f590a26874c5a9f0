"""What the operations look at, made in moto's server: repositories, the bucket and its objects, models, endpoints."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

REGION = "us-east-2"
# The access key of who makes what Pulumi's AWS provider would make.
KEY_ID = "provider"


@dataclass(frozen=True)
class MotoAccount:
    """The account behind a moto server's address. Types that the operations do not look at are passed over."""

    address: str

    def client(self, service: str) -> Any:
        return _client(self.address, service)

    def create(self, token: str, given: Mapping[str, Any]) -> None:
        sagemaker, name = self.client("sagemaker"), given.get("name")
        match token:
            case "aws:ecr/repository:Repository":
                self.client("ecr").create_repository(
                    repositoryName=name, imageTagMutability=given["imageTagMutability"]
                )
            case "aws:s3/bucket:Bucket":
                location = {"LocationConstraint": REGION}
                self.client("s3").create_bucket(Bucket=given["bucket"], CreateBucketConfiguration=location)
            case "aws:s3/bucketObjectv2:BucketObjectv2":
                self.client("s3").put_object(Bucket=given["bucket"], Key=given["key"], Body=b"an archive")
            case "aws:sagemaker/model:Model":
                container = given["primaryContainer"]
                sagemaker.create_model(
                    ModelName=name,
                    ExecutionRoleArn=given["executionRoleArn"],
                    PrimaryContainer={"Image": container["image"], "ModelDataUrl": container["modelDataUrl"]},
                )
            case "aws:sagemaker/endpointConfiguration:EndpointConfiguration":
                variants = [_variant(variant) for variant in given["productionVariants"]]
                sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
            case "aws:sagemaker/endpoint:Endpoint":
                sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=given["endpointConfigName"])

    def update(self, token: str, given: Mapping[str, Any]) -> None:
        if token == "aws:sagemaker/endpoint:Endpoint":
            # moto's update_endpoint fails on a new configuration.
            self.delete(token, given)
            self.create(token, given)

    def delete(self, token: str, given: Mapping[str, Any]) -> None:
        sagemaker, name = self.client("sagemaker"), given.get("name")
        match token:
            case "aws:ecr/repository:Repository":
                self.client("ecr").delete_repository(repositoryName=name, force=True)
            case "aws:s3/bucket:Bucket":
                self._empty(given["bucket"])
                self.client("s3").delete_bucket(Bucket=given["bucket"])
            case "aws:s3/bucketObjectv2:BucketObjectv2":
                self.client("s3").delete_object(Bucket=given["bucket"], Key=given["key"])
            case "aws:sagemaker/model:Model":
                sagemaker.delete_model(ModelName=name)
            case "aws:sagemaker/endpointConfiguration:EndpointConfiguration":
                sagemaker.delete_endpoint_config(EndpointConfigName=name)
            case "aws:sagemaker/endpoint:Endpoint":
                sagemaker.delete_endpoint(EndpointName=name)

    def _empty(self, bucket: str) -> None:
        """What the provider does with `forceDestroy`."""
        s3 = self.client("s3")
        for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"])


@functools.cache
def _client(address: str, service: str) -> Any:
    return boto3.client(
        service,  # pyright: ignore[reportCallIssue, reportArgumentType]
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key="testing",
    )


def _variant(given: Mapping[str, Any]) -> dict[str, Any]:
    variant: dict[str, Any] = {"VariantName": given["variantName"], "ModelName": given["modelName"]}
    if serverless := given.get("serverlessConfig"):
        return variant | {
            "ServerlessConfig": {
                "MemorySizeInMB": int(serverless["memorySizeInMb"]),
                "MaxConcurrency": int(serverless["maxConcurrency"]),
            }
        }
    count = int(given["initialInstanceCount"])
    return variant | {"InstanceType": given["instanceType"], "InitialInstanceCount": count, "InitialVariantWeight": 1}
