"""A stage's settings: typed, validated, with the document's configuration as defaults.

All stand under one object key, `room-detection:settings`, so that a misspelt one is seen; a stage file holds only what
differs from the defaults. Keys are camelCase there and snake_case here. `groups` has every setting but the stage's own,
`stage` those and how a stage is read.
"""
