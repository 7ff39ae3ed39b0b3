"""Tests of the case and its fold."""
