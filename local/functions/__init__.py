"""Lambda: deployed functions in separate processes, and the address at which one calls another."""
