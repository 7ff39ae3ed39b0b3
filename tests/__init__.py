"""The tests: the specification of the hub, in sentences."""
