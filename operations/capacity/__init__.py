"""What a stage can serve, what that costs and what breaks first: simulated and computed, docs/capacity.md."""
