"""Balancing: how much each task's gradient counts, step by step."""
