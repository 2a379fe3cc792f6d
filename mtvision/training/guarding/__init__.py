"""Steps whose numbers are not finite are left out, counted and told of."""
