"""The field's systems as recipes: short functions from parts to a model."""
