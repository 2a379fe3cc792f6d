"""Samples as they go into a batch: augmented, and skipped where unsound."""

import collections
import functools
import os

import numpy as np

from mtvision.data import fields, resizing
from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.joining import CannotJoin
from mtvision.data.batching.failures import Failures
from mtvision.data.batching.prepared import where

# How many other samples of a data set are tried where they are damaged.
ATTEMPTS = 100


class SampleReader:
    """Reads prepared samples, changes them, and survives those that fail.

    Args:
        source: The source, which may know the `peers` of a sample.
        samples: Its prepared samples.
        names: Names of the fields to return.
        augment: Function of the number of a sample, which gives its `Augment`
            or `None`; or `None` if no sample is changed.
        image_size: (height, width) that `augment` is to give, or `None`.
        resize: `"stretch"` or `"letterbox"`.
        on_error: `"raise"` or `"skip"`.
        seed: Whole number.
        count: Function of the number of a sample and a counter of the objects
            that it lost by reason.
        optional: Names of the inputs that a sample may lack.

    Attributes:
        failures: `Failures`.
    """

    def __init__(
        self,
        source,
        samples,
        names,
        *,
        augment=None,
        image_size=None,
        resize="stretch",
        on_error="raise",
        seed=0,
        count=None,
        optional=(),
    ):
        self.source = source
        self.samples = samples
        self.names = list(names)
        self.augment = augment
        self.image_size = image_size
        self.resize = resize
        self.on_error = on_error
        self.seed = seed
        self.count = count
        self.optional = optional
        self.failures = Failures()

    def read(self, row, epoch=None, place=0):
        """One sample: a pure function of the arguments and the seed.

        Args:
            row: Its number in the source.
            epoch: Number of the epoch; `None` to look at a sample before the
                first, which is not counted.
            place: Its place in the epoch.

        Returns:
            Dict from field to array, `None` for what is missing; with `file`
            if the sample has it.

        Raises:
            ValueError: If it is unsound, and not to be skipped; if too many
                are; if a step of `augment` does not fit the labels.
        """
        try:
            sample = self._prepared(row, epoch)
            if self.augment is not None:
                sample = self._changed(sample, row, epoch or 0, place)
        except CannotJoin:
            raise
        except Unreadable as error:
            if self.on_error == "raise":
                raise
            self.failures.skipped[row] = str(error)
            return dict.fromkeys(self.names)
        kept = {name: sample[name] for name in self.names}
        return kept | ({"file": sample["file"]} if "file" in sample else {})

    def look(self, row):
        """A sample as it is before `augment`, or `None` if it is damaged."""
        try:
            return self._prepared(row)
        except Unreadable as error:
            if self.on_error == "raise":
                raise
            self.failures.skipped[row] = str(error)
            return None

    def _prepared(self, row, epoch=None):
        try:
            sample = self.samples[row]
        # Decoders raise errors of every kind on damaged files.
        except Exception as error:
            self._count(epoch, error)
            raise _named(error, where(self._known(row), row)) from error
        self._count(epoch)
        return sample

    def _count(self, epoch, error=None):
        if epoch is not None and self.on_error == "skip":
            self.failures.count(epoch, error)

    def _known(self, row):
        """What is known of a sample that cannot be read."""
        try:
            file = self.source.files[row]
        except (AttributeError, IndexError, KeyError, TypeError):
            return {}
        # A source's own `files` may be anything.
        return {"file": file} if isinstance(file, str | os.PathLike) else {}

    def _changed(self, sample, row, epoch, place):
        augment = self.augment(row)
        if augment is None:
            if self.image_size is None:
                return sample
            return resizing.resize_sample(
                sample, self.image_size, method=self.resize
            )
        name = where(sample, row)
        if not fields.images_of(sample):
            if any(map(fields.is_image_field, self.optional)):
                return sample
            raise Unreadable(
                f"{name}: augment needs the field 'image', which the labels "
                f"lie on, or other images; received {sorted(sample)}."
            )
        lost = collections.Counter()
        counting = isinstance(augment, Augment) and self.count is not None
        try:
            changed = augment(
                sample,
                np.random.default_rng([self.seed, epoch, place]),
                size=self.image_size,
                resize=self.resize,
                draw=functools.partial(self._draw, row, epoch),
                **({"lost": lost} if counting else {}),
            )
        except CannotJoin as error:
            raise CannotJoin(f"{name}: {error}") from None
        except Unreadable:
            raise
        except Exception as error:
            raise _named(error, f"{name}, augmented") from error
        if lost:
            self.count(row, lost)
        return changed

    def _draw(self, row, epoch, generator):
        """Another sample of the same data set, to be mixed in."""
        rows = range(len(self.source))
        if hasattr(self.source, "peers"):
            rows = self.source.peers(row)
        for _ in range(ATTEMPTS):
            other = int(generator.integers(rows.start, rows.stop))
            try:
                sample = self._prepared(other, epoch)
            except Unreadable as error:
                if self.on_error == "raise":
                    raise
                self.failures.skipped[other] = str(error)
                continue
            if sample["image"] is not None:
                return sample
        raise Unreadable(
            f"sample {row}: none of {ATTEMPTS} samples to be joined with it "
            "could be read."
        )


class Unreadable(ValueError):
    """A sample cannot be read, or not be changed."""


def _named(error, place):
    """An error that names the sample."""
    message = str(error)
    if isinstance(error, ValueError) and place in message:
        return Unreadable(message)
    return Unreadable(f"{place}: {type(error).__name__}: {message}")
