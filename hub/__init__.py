"""The path: reception, casework, their tables and memory, and the command that runs them."""
