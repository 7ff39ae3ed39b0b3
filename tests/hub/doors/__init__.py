"""Tests of what an administrator does at the doors, without a cluster."""
