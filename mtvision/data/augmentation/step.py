"""What all steps have in common."""

import inspect

from mtvision.data.augmentation.options import check_number


class Step:
    """A random change of a sample: an entry of `Augment`.

    Derive from `GeometricStep`, `PixelStep` or `SampleStep`, not from this.

    Args:
        probability: Share of the samples that are changed.
    """

    def __init__(self, *, probability=1.0):
        check_number("probability", probability, highest=1.0)
        self.probability = probability

    def happens(self, generator):
        """Whether this sample is changed, a draw of the generator."""
        return self.probability >= 1 or generator.random() < self.probability

    def get_config(self):
        """Dict of the arguments that make the same step."""
        names = inspect.signature(type(self).__init__).parameters
        return {name: getattr(self, name) for name in names if name != "self"}

    def __repr__(self):
        options = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items())
        return f"{type(self).__name__}({options})"
