"""Memory on the real PostgreSQL."""
