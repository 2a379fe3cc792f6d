"""Readers: files and data sets as sources of samples."""
