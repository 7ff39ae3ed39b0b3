"""A database that was lost, or is older than Kafka, made anew: the log is folded once more, nothing leaves, and the result is compared."""
