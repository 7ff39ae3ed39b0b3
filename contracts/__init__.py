"""What we promise: topics, events, commands, failures. Knows nothing of XML, Kafka or SQL."""
