"""Bulk processing: an archive of plans through SageMaker Batch Transform, and what it answers as a folder of results.

A run's state is `ledger` (what is known of every plan), `run` (the loop that moves them on) and the objects in S3. Both
`operations`, against AWS, and `local`, against the embedded AWS, run it; neither of the two imports the other.
"""
