"""What we can read and write: bytes to typed documents and back. The only place that knows XML. Never does I/O, never decides."""
