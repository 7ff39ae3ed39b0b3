"""Against the real Apache Kafka. Each test has topics and groups of its own."""
