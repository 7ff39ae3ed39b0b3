"""Consumers without a broker."""
