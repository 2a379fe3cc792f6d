"""Volumes made on demand, whose landmarks are known."""
