"""The only code that talks to AWS: images in S3, records in DynamoDB, the detector behind SageMaker.

Nothing of boto3 leaves this package: what goes wrong is one of `runtime.errors`.
"""
