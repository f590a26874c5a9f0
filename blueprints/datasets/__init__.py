"""Labelled plans: YOLO folders read, checked, converted from other formats, packed, summed up and uploaded."""
