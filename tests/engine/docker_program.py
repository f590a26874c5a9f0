"""`docker` for a deployment on a machine without Docker: a login, and a build that is pushed.

It builds what can be built without a container: the manifest's layers are the names and hashes of what the Dockerfile's
COPY lines take from the build's context, by the ignore file. It pushes to the ECR of AWS_ENDPOINT_URL, to a registry
that it is logged in to. What it was asked stands in `$DOCKER_CONFIG/asked`, a line of JSON a call.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def main(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / "asked").open("a") as asked:
        asked.write(f"{json.dumps(sys.argv[1:])}\n")
    match sys.argv[1:]:
        case ["login", "--username", "AWS", "--password-stdin", registry] if sys.stdin.read().strip():
            (folder / registry).touch()
        case ["buildx", "build", *options]:
            build(folder, options)
        case other:
            sys.exit(f"docker: not known here: {other}")


def build(folder: Path, options: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--platform", choices=["linux/amd64"], required=True)
    # Without attestations, and pushed.
    parser.add_argument("--provenance", choices=["false"], required=True)
    parser.add_argument("--push", action="store_true", required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--metadata-file", type=Path, required=True)
    parser.add_argument("context", type=Path)
    given = parser.parse_args(options)
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": described("application/vnd.oci.image.config.v1+json", given.file.read_bytes()),
            "layers": [
                described("application/vnd.oci.image.layer.v1.tar", layer)
                for layer in layers(given.file, given.context)
            ],
        }
    )
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    push(folder, manifest, digest, given.tag)
    given.metadata_file.write_text(json.dumps({"containerimage.digest": digest}))


def described(media_type: str, content: bytes) -> dict[str, object]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"mediaType": media_type, "size": len(content), "digest": digest}


def layers(dockerfile: Path, context: Path) -> list[bytes]:
    """What each COPY adds, each file by its path and its hash."""
    from docker.utils.build import exclude_paths

    from operations.dockerfile import copied

    ignored = Path(f"{dockerfile}.dockerignore").read_text().splitlines()
    patterns = [line.strip() for line in ignored if line.strip() and not line.startswith("#")]
    seen = {name for name in exclude_paths(str(context), patterns) if (context / name).is_file()}
    made = []
    for source in copied(dockerfile.read_text()):
        taken = sorted(name for name in seen if name == source or name.startswith(f"{source.rstrip('/')}/"))
        if not taken:
            sys.exit(f'ERROR: failed to compute cache key: "/{source}": not found')
        hashes = [f"{name} {hashlib.sha256((context / name).read_bytes()).hexdigest()}\n" for name in taken]
        made.append("".join(hashes).encode())
    return made


def push(folder: Path, manifest: str, digest: str, tag: str) -> None:
    import boto3

    repository_url, _, name = tag.rpartition(":")
    registry, _, repository = repository_url.partition("/")
    if not (folder / registry).exists():
        sys.exit("ERROR: no basic auth credentials")
    ecr = boto3.client("ecr", region_name=registry.split(".")[3])
    ecr.put_image(
        repositoryName=repository,
        imageManifest=manifest,
        imageManifestMediaType=MANIFEST,
        imageTag=name,
        imageDigest=digest,
    )


if __name__ == "__main__":
    main(Path(os.environ["DOCKER_CONFIG"]))
