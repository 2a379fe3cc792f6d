"""Second-hand clothing made on demand, whose prices are known."""
