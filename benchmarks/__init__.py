"""Speed and memory of the system on one machine, each figure with its target."""
