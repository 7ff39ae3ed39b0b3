"""The checker is shown to find what it is there for: each fault is planted in a run that was without any."""
