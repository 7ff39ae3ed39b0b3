"""The benchmarks' pieces are right. Nothing here is timed."""
