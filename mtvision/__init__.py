"""One convolutional model, many vision tasks, trained by Keras' `fit`."""

__version__ = "0.1.0"
