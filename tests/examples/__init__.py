"""The examples keep what they claim."""
