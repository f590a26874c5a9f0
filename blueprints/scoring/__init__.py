"""Scores found rooms: matching with true ones, COCO's metrics, curves over confidence, and mistakes."""
