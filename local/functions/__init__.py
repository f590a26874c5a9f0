"""Lambda: the code of deployed functions in processes of its own, and the address at which one calls another."""
