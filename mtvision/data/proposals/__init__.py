"""Boxes that may hold an object, found without any training."""
