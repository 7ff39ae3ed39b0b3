"""Mirrors of hub/."""
