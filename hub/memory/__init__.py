"""The hub's memory in PostgreSQL: who claimed an id first, what was known of a case, letters, and what was sent.

The only package that knows SQL. It never reads or writes Kafka, never decides, and never makes a message's fault of an outage.
"""
