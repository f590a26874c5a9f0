"""The infrastructure: one ComponentResource per tier, and the pure functions behind them."""
