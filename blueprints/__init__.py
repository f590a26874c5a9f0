"""Floor plans as data: the plan model, its drawing, labelled folders, overlays and scores.

Nothing here depends on the machine: the font is the one inside Pillow, and nothing reads the environment.
"""
