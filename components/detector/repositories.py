"""The images' repositories.

Guarantees: an image is scanned when it is pushed and cannot be overwritten; the last releases are kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.naming import Names

_KEPT_IMAGES = 30
_UNTAGGED_IMAGE_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class ImageRepositoriesArgs:
    """What the repositories need.

    Attributes:
        mutable_tags: allow a tag to be pushed again; only if images are referenced by tag.
        function_arn: of the Lambda function that runs the inference image, None if there is none.
        protect: keep the repositories and their images.
    """

    names: Names
    mutable_tags: bool
    function_arn: str | None = None
    protect: bool
    tags: Mapping[str, str]


class ImageRepositories(pulumi.ComponentResource):
    """One repository for the inference image, one for the training image."""

    inference_url: pulumi.Output[str]
    inference_arn: pulumi.Output[str]
    training_url: pulumi.Output[str]
    training_arn: pulumi.Output[str]

    def __init__(self, name: str, args: ImageRepositoriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:ImageRepositories", name, None, opts)
        inference = self._create_repository(f"{name}-inference", args.names.inference_repository, args)
        training = self._create_repository(f"{name}-training", args.names.training_repository, args)
        if args.function_arn is not None:
            aws.ecr.RepositoryPolicy(
                f"{name}-inference-pull",
                repository=inference.name,
                policy=json.dumps(policies.function_image_policy(function_arn=args.function_arn)),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.inference_url = inference.repository_url
        self.inference_arn = inference.name.apply(args.names.repository_arn)
        self.training_url = training.repository_url
        self.training_arn = training.name.apply(args.names.repository_arn)
        self.register_outputs(
            {
                "inferenceUrl": self.inference_url,
                "inferenceArn": self.inference_arn,
                "trainingUrl": self.training_url,
                "trainingArn": self.training_arn,
            }
        )

    def _create_repository(
        self, resource_name: str, repository_name: str, args: ImageRepositoriesArgs
    ) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            f"{resource_name}-repository",
            name=repository_name,
            image_tag_mutability="MUTABLE" if args.mutable_tags else "IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            force_delete=not args.protect,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=args.protect),
        )
        aws.ecr.LifecyclePolicy(
            f"{resource_name}-lifecycle",
            repository=repository.name,
            policy=json.dumps(_image_lifecycle()),
            # A repository has one lifecycle policy: deleting the old one after creating the new one would delete the
            # new one.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return repository


def _image_lifecycle() -> dict[str, Sequence[object]]:
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Images without a tag are left over from builds",
                "selection": untagged | {"countNumber": _UNTAGGED_IMAGE_DAYS},
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": "The last releases, to go back to",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": _KEPT_IMAGES},
                "action": {"type": "expire"},
            },
        ]
    }
