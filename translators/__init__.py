"""What it means: pure functions from documents to statements, and from what changed to events. Never reads a clock, a broker or a disk."""
