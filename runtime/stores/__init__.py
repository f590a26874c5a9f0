"""The only code that talks to AWS: images in S3, records in DynamoDB, the detector behind SageMaker.

Nothing of boto3 leaves this package: errors are raised as `runtime.errors`.
"""
