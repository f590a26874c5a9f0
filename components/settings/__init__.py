"""A stage's settings: typed, validated, with the document's configuration as defaults.

All are under one object key, `room-detection:settings`, so that misspelt ones are detected; a stage file has only the
settings that differ from the defaults. Keys are camelCase there and snake_case here. `groups` has the settings of each
part, `stage` those of the whole stage, and reads a stage.
"""
