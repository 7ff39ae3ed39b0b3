"""Kafka out: the lane that delivers exactly once, and the sender that keeps order. Knows nothing of what a message means."""
