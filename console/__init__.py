"""What all commands of the project share: start and end, output, progress, interruption."""
