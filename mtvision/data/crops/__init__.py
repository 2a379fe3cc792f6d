"""Samples of one object each, cut out of others."""
