"""Pages of novels made on demand, whose genre and year are known."""
