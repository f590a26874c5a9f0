"""The infrastructure: one ComponentResource a tier, and the pure functions they are made with."""
