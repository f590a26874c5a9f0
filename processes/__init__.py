"""What a command starts and must not outlive it: child processes, servers, its working directory."""
