"""An embedded AWS account: moto's server with a record of calls, and the engine that deploys a program into it."""
