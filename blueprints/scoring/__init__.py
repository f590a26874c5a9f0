"""How right found rooms are: matching with true ones, COCO's metric, curves over confidence, and the mistakes."""
