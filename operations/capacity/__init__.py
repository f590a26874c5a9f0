"""The load that a stage can serve, its cost, and which limit breaks first, simulated and computed: docs/capacity.md."""
