"""Kafka in. A consumer is given its handler and knows nothing of what a message means."""
