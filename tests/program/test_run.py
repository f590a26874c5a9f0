"""Running a Pulumi program in process: what is recorded, and what is refused."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from program.run import ProgramRun, RegisteredResource, run_program
from program.stage_file import ProgramError, Stage

DEV = Stage(name="dev", config={"aws:region": "us-east-2"})


class Created(Mocks):
    """Everything is created at once, with its inputs as outputs."""

    def call(self, args: MockCallArgs) -> Any:
        return {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", dict(args.inputs)


class Group(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:group:Group", name)
        options = pulumi.ResourceOptions(parent=self, protect=True)
        self.bucket = aws.s3.Bucket(f"{name}-bucket", bucket="plans", opts=options)
        self.register_outputs({"bucketId": self.bucket.id})


def two_resources() -> None:
    group = Group("group")
    aws.s3.BucketVersioning(
        "versioning",
        bucket=group.bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
    )
    pulumi.export("bucket", group.bucket.id)


def by_name(run: ProgramRun) -> dict[str, RegisteredResource]:
    return {resource.name: resource for resource in run.resources}


def test_parents_protection_dependencies_and_outputs_are_recorded():
    resources = by_name(run_program(DEV, Created(), program=two_resources))
    bucket = resources["group-bucket"]
    assert bucket.parent == resources["group"].urn
    assert bucket.protect
    assert not resources["versioning"].protect
    assert bucket.urn in resources["versioning"].dependencies
    assert resources["group"].outputs == {"bucketId": "group-bucket-id"}


def test_urns_are_those_of_pulumis_engine():
    resources = by_name(run_program(DEV, Created(), program=two_resources))
    assert resources["versioning"].urn == (
        "urn:pulumi:dev::room-detection::aws:s3/bucketVersioning:BucketVersioning::versioning"
    )
    assert resources["group-bucket"].urn == (
        "urn:pulumi:dev::room-detection::test:group:Group$aws:s3/bucket:Bucket::group-bucket"
    )


def test_exports_are_returned():
    assert run_program(DEV, Created(), program=two_resources).exports == {"bucket": "group-bucket-id"}


def test_runs_do_not_see_each_other():
    first = run_program(DEV, Created(), program=two_resources)
    second = run_program(Stage(name="prod"), Created(), program=lambda: pulumi.export("stack", pulumi.get_stack()))
    assert len(first.resources) == 4
    assert second.exports == {"stack": "prod"}
    assert [resource.name for resource in second.resources] == ["room-detection-prod"]


def test_the_same_name_twice_is_refused():
    def twice() -> None:
        aws.sns.Topic("topic")
        aws.sns.Topic("topic")

    with pytest.raises(ProgramError, match="Topic::topic is registered twice"):
        run_program(DEV, Created(), program=twice)


def test_an_error_of_the_mocks_ends_the_run_as_it_is():
    class Refusing(Created):
        def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
            raise ValueError(f"{args.typ} is not to be had")

    with pytest.raises(ValueError, match="aws:s3/bucket:Bucket is not to be had"):
        run_program(DEV, Refusing(), program=lambda: aws.s3.Bucket("bucket"))


def test_a_program_that_refuses_its_settings_ends_with_its_line():
    def refuse() -> None:
        raise pulumi.RunError("the settings are wrong")

    with pytest.raises(ProgramError, match=r"^the settings are wrong$"):
        run_program(DEV, Created(), program=refuse)
