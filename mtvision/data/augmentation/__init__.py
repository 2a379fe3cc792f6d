"""Random changes of a sample that keep the image and its labels in step."""
