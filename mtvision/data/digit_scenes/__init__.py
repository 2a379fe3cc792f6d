"""The built-in data set: scenes of real handwritten digits."""
