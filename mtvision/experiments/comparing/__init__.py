"""Comparisons: every method on every seed."""
