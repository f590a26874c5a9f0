"""Bulk processing: sends an archive of plans through SageMaker Batch Transform and writes a folder of results.

`ledger` holds the state of every plan, `run` is the loop that processes them, and the images are objects in S3. Both
`operations` (on AWS) and `local` (on the embedded AWS) use this package; neither of the two imports the other.
"""
