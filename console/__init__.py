"""What every command of the project shares: how it begins and ends, where its output goes, what interrupts it."""
