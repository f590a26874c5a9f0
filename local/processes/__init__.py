"""What a local stage runs beside itself, and that nothing of it outlives the command: children, files, signals."""
