"""Experiments: searches for loss weights, comparisons of methods."""
