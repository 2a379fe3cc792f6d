"""Reports: one HTML file that needs nothing beside itself."""
