"""The training image: trains the room detector on labelled plans, and compares it with the one that is deployed.

Unlike the inference image it builds on two other folders: `blueprints` for labelled plans and their metrics, and
`images.inference` for what its weights have to work with.
"""
