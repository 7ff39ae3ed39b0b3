"""Producers without a broker."""
