"""Pairs of the samples of a source."""
