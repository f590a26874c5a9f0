"""Plans for training, drawn from layouts as draughtsmen draw them, with the exact boxes of their rooms."""
