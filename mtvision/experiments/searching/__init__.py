"""Searches: many trials in one study."""
