"""Samples as they go into a batch: augmented, and skipped where unsound."""

import functools

import numpy as np


class SampleReader:
    """Reads prepared samples, changes them, and survives those that fail.

    Args:
        source: The source, which may know the `peers` of a sample.
        samples: Its prepared samples.
        fields: The fields to return.
        augment: An `Augment` or `None`.
        image_size: (height, width) that `augment` is to give, or `None`.
        resize: `"stretch"` or `"letterbox"`.
        on_error: `"raise"` or `"skip"`.
        seed: Whole number.

    Attributes:
        skipped: Dict from the number of a sample to why it was skipped.
    """

    def __init__(
        self,
        source,
        samples,
        fields,
        *,
        augment=None,
        image_size=None,
        resize="stretch",
        on_error="raise",
        seed=0,
    ):
        self.source = source
        self.samples = samples
        self.fields = list(fields)
        self.augment = augment
        self.image_size = image_size
        self.resize = resize
        self.on_error = on_error
        self.seed = seed
        self.skipped = {}

    def read(self, row, epoch=0, place=0):
        """One sample: a pure function of the arguments and the seed.

        Args:
            row: Its number in the source.
            epoch: Number of the epoch.
            place: Its place in the epoch.

        Returns:
            Dict from field to array, `None` for what is missing; with `file`
            if the sample has it.

        Raises:
            ValueError: If it is unsound, and not to be skipped.
        """
        try:
            sample = self.samples[row]
            if self.augment is not None:
                sample = self._augmented(sample, row, epoch, place)
        # Decoders raise errors of every kind on damaged files.
        except Exception as error:
            if self.on_error == "raise":
                raise
            self.skipped[row] = str(error)
            return dict.fromkeys(self.fields)
        kept = {name: sample[name] for name in self.fields}
        return kept | ({"file": sample["file"]} if "file" in sample else {})

    def _augmented(self, sample, row, epoch, place):
        if sample["image"] is None:
            raise ValueError(
                f"sample {row}: augment needs the field 'image', which the "
                f"labels lie on; received {sorted(sample)}."
            )
        return self.augment(
            sample,
            np.random.default_rng([self.seed, epoch, place]),
            size=self.image_size,
            resize=self.resize,
            draw=functools.partial(self._draw, row),
        )

    def _draw(self, row, generator):
        """Another sample of the same data set, to be mixed in."""
        rows = range(len(self.source))
        if hasattr(self.source, "peers"):
            rows = self.source.peers(row)
        return self.samples[int(generator.integers(rows.start, rows.stop))]
