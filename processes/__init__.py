"""What a command runs beside itself, and that nothing of it outlives the command: children, servers, its directory."""
