"""What an operator runs: packaging, images, deployments, and what an account needs before the first of them."""
