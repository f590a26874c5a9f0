"""The commands behind `make demo`, `make local`, `make score` and `make bulk STAGE=local`."""
