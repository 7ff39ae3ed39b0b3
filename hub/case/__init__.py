"""The case: what the hub knows of one patient at one office, and the fold that decides. No clock, no broker, no disk."""
