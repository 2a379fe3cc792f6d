"""What sources of samples that are made on demand have in common."""

import numpy as np

from mtvision.data.made.splits import SPLITS, check_split
from mtvision.ops.option_checks import require_count


class MadeSamples:
    """A source whose samples are pure functions of seed, split and index.

    A subclass has a function `make(rng)`, which makes one sample.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_samples: Number of samples.
        seed: Whole number, 0 or more.

    Raises:
        ValueError: If an option is out of range.
    """

    def __init__(self, split, *, num_samples, seed):
        check_split(split)
        require_count(num_samples, 1, "num_samples")
        require_count(seed, 0, "seed")
        self.split = split
        self.num_samples = num_samples
        self.seed = seed

    def __len__(self):
        return self.num_samples

    def __getitem__(self, index):
        """One sample."""
        return self.make(self.generator(index))

    def generator(self, index):
        """The random numbers of one sample.

        Args:
            index: Number of the sample.

        Returns:
            `numpy.random.Generator`.

        Raises:
            IndexError: If there is no such sample.
        """
        if not 0 <= index < self.num_samples:
            raise IndexError(f"There is no sample {index} of {len(self)}.")
        key = [self.seed, SPLITS.index(self.split), index]
        return np.random.default_rng(key)
