"""Padded batches of a source, for `fit`, `evaluate` and `predict`."""

import collections
import warnings

import keras
import numpy as np

from mtvision.data.batching.augment_of import AugmentOf
from mtvision.data.batching.cached import Cached
from mtvision.data.batching.grouping import Groups
from mtvision.data.batching.missing_inputs import require_inputs
from mtvision.data.batching.plan import (
    check_arguments,
    class_limits,
    find_specs,
    partly_missing_fields,
    readers_of,
)
from mtvision.data.batching.prepared import Prepared, where
from mtvision.data.batching.sample_reader import SampleReader
from mtvision.data.batching.shard import own_part
from mtvision.data.batching.targets import assemble, fields_of, weights

TOO_MANY = "beyond max_objects"


class Batches(keras.utils.PyDataset):
    """Batches of `(inputs, targets, sample_weights)` from any source.

    One mapping says which task reads which fields. Samples may lack the label
    of any task: their weight for it is 0, and placeholders (NaN, -1) fill the
    batch. Every sample is checked when it is read; errors name the task, the
    field, the index and, if the sample has a field `file`, the file.

    Args:
        source: Any object with `len(source)` and `source[i]`, a dict of numpy
            fields; a list of dicts will do. Read by several threads at once.
        targets: Dict from task to what it reads:
            - a name: that field;
            - a tuple of names: the fields joined to one float32 vector
              (B, N), for example `("present", "box", "label")`; K objects of
              fixed places, fields (K,) and (K, N), give (B, K, N). The first
              field says whether the sample is labelled; NaN and -1 in the
              others stay as they are;
            - a dict of names: a dict of fields, labelled if all of them are;
              of one object's `"keypoints"` with `"present"`, `"box"` or
              `"area"` if points or presence are.
            Tasks that read the same field get the same array.
        image_size: Height and width in pixels, or one number for both. Images
            are resized, and the labels on them move along. Needed unless all
            images have one size.
        resize: `"stretch"`, or `"letterbox"` to keep the aspect ratio between
            borders of zeros.
        batch_size: Number of samples B.
        inputs: A field, or a list or dict of fields for a model with several
            inputs. Images are given as float32, 0 to 255.
        optional_inputs: Names of fields of `inputs` that a sample may lack, by
            `None`, no such field, or NaN or -1 all over. In the batch they are
            NaN all over, images too, or -1 all over if they are of integers.
            Images that are missing are not changed by `augment`.
        shuffle: Whether each epoch has an order of its own, which depends on
            `seed` and `epoch` only; of a `Mixture`, whether its sources come
            in their shares, and not one after the other. Unless told
            `shuffle=False`, the `fit` of a plain `keras.Model` shuffles whole
            batches on top of it.
        group_by: Name of a field with one class a sample, as `"identity"`:
            with `shuffle`, `group_size` samples in a row share its value, so
            that triplets and other pairs are in each batch. Samples beyond
            whole groups are filled up with others of the same value, which
            come twice; those whose value is not known make groups, too.
        group_size: Number of samples of a group, which divides `batch_size`.
        augment: An `Augment`, or a function of its signature: changes of the
            samples that depend on `seed`, the epoch and the place in it only.
            Of a `Mixture` also a dict from the name of a source to its own,
            for example `{"cells": Augment([Mosaic()])}`; samples of the others
            are not changed. An `Augment` without `flip_pairs` takes those of
            the source.
        drop_remainder: Whether to leave out a last, smaller batch, so that
            shapes are static. Keep it for an exact evaluation.
        max_objects: Rows to which fields with a row for each object (`boxes`,
            `classes`, `masks`, `keypoints`) are padded; needed if a task reads
            one. Padding has class -1 and zeros elsewhere. Further objects of a
            sample are left out, also of what an evaluation compares with: a
            warning tells the first such sample, `warn_of_dropped` counts all.
            A dict from field to number where they differ: `{"boxes": 8,
            "proposal_boxes": 200}`; `classes` and others have as many rows as
            the `boxes` with which they share what comes before the last word.
        num_classes: Dict from task to its number of classes, to check its
            class numbers against; those that the source names are known.
            255 is allowed in maps.
        invalid_boxes: What to do with boxes that are not finite, inverted,
            without area, or beyond the image: `"raise"`; `"drop"` them with
            the rest of their objects; or `"clip"` those that lie partly
            outside and drop the others. Both count, and report after an epoch.
            Boxes that the source knows without reading images are judged at
            once, as far as that goes without the size of the image.
        on_error: `"raise"` for a sample that cannot be read or is unsound;
            `"skip"` to go on with an image of zeros without any label in its
            place, which is counted, and reported after an epoch. More than
            half of at least 20 samples of an epoch are an error all the same.
        cache: Whether to keep the prepared samples in memory, after the first
            reading. An image of 128 x 128 takes 49 kB, 10,000 of them 0.5 GB.
            With `augment`, images are kept in the size of their files.
        seed: Seed of the order.
        workers: Threads that read batches ahead, if there are two or more; 1
            reads in the main thread. (On JAX and PyTorch, the first `fit` or
            `evaluate` of a plain `keras.Model` after `compile` reads some
            batches twice with several threads, a fault of Keras: give 1 there.
            A `MultiTaskModel` is right with any.)
        max_queue_size: Batches that they read ahead, at most.

    The epochs of a `MultiTaskModel` are those of the data: epoch e of `fit`
    reads epoch e, whatever is evaluated in between, and the order is not
    shuffled on top. A second `fit` of the model goes on with the next epoch.
    To resume elsewhere, pass `initial_epoch`: the same batches come as if
    training had never stopped (without `steps_per_epoch`; give `mix` an
    `epoch_size` instead). A plain `keras.Model` moves one epoch on after each
    reading, and before the first one; there a callback can tell the epoch:
    `LambdaCallback(on_epoch_begin=lambda e, _: setattr(batches, "epoch", e))`.

    Attributes:
        epoch: Number of the present epoch, of which `batches[i]` is a batch;
            `on_epoch_end` moves it on.
        dropped: Counter of the dropped, cut off or clipped objects by reason.
        skipped: Dict from the number of a sample that could not be read to
            the reason.

    Raises:
        ValueError: If the source is empty, an argument is malformed, or no
            sample has a field that a task reads; while reading, if a sample is
            bad.

    Example:

    >>> source = [
    ...     {"image": np.zeros((8, 8, 3), "uint8"), "label": 1},
    ...     {"image": np.zeros((8, 8, 3), "uint8")},
    ... ]
    >>> batches = Batches(source, {"digit": "label"}, batch_size=2)
    >>> inputs, targets, sample_weights = batches[0]
    >>> inputs.shape, targets["digit"].tolist()
    ((2, 8, 8, 3), [1, -1])
    >>> sample_weights["digit"].tolist()
    [1.0, 0.0]
    """

    def __init__(
        self,
        source,
        targets,
        *,
        image_size=None,
        resize="stretch",
        batch_size=32,
        inputs="image",
        optional_inputs=(),
        shuffle=False,
        group_by=None,
        group_size=4,
        drop_remainder=False,
        max_objects=None,
        num_classes=None,
        invalid_boxes="raise",
        augment=None,
        on_error="raise",
        cache=False,
        seed=0,
        workers=2,
        max_queue_size=10,
    ):
        super().__init__(workers=workers, max_queue_size=max_queue_size)
        self.source = source
        self.targets = targets
        if image_size is not None and np.ndim(image_size) == 0:
            image_size = (image_size, image_size)
        self.image_size = image_size
        self.resize = resize
        self.batch_size = batch_size
        self.inputs = inputs
        self.optional_inputs = optional_inputs
        self.shuffle = shuffle
        self.group_by = group_by
        self.group_size = group_size
        self.drop_remainder = drop_remainder
        self.max_objects = max_objects
        self.num_classes = num_classes or {}
        self.invalid_boxes = invalid_boxes
        self.augment = augment
        self.on_error = on_error
        self.cache = cache
        self.seed = seed
        self.epoch = 0
        self._reported = collections.Counter()
        self._told_of_cut = False
        self._order = (None, None)
        self._groups = None
        check_arguments(self)
        if group_by is not None:
            self._groups = Groups(source, group_by, group_size)
        self._prepared = self._prepare()
        self._reader = self._make_reader()
        self._specs = find_specs(self, self._reader)

    def _prepare(self):
        return Prepared(
            self.source,
            readers_of(self.inputs, self.targets),
            # An augmented image is resized in one go with its changes.
            image_size=None if self.augment else self.image_size,
            resize=self.resize,
            invalid_boxes=self.invalid_boxes,
            num_classes=class_limits(
                self.num_classes,
                self.targets,
                getattr(self.source, "classes", None),
            ),
            partial=partly_missing_fields(self.inputs, self.targets),
            optional=self.optional_inputs,
        )

    def _make_reader(self):
        augment = None
        if self.augment is not None:
            augment = AugmentOf(self.source, self.augment)
        return SampleReader(
            self.source,
            Cached(self._prepared) if self.cache else self._prepared,
            self._prepared.readers,
            augment=augment,
            image_size=self.image_size,
            resize=self.resize,
            on_error=self.on_error,
            seed=self.seed,
            count=self._prepared.count,
            optional=self.optional_inputs,
        )

    def __len__(self):
        """Number of batches in an epoch."""
        size = len(self.source)
        if self._groups is not None:
            size = self._groups.length
        elif self.shuffle:
            size = getattr(self.source, "epoch_size", size)
        return (
            size // self.batch_size
            if self.drop_remainder
            else -(-size // self.batch_size)
        )

    def __getitem__(self, index):
        """Batch number `index` of the present epoch."""
        return self.batch(self.epoch, index)

    def batch(self, epoch, step, *, shard=(0, 1)):
        """A batch of any epoch: a pure function of (`seed`, epoch, step).

        Args:
            epoch: Number of the epoch.
            step: Number of the batch in it; -1 is the last.
            shard: Which of how many equal parts of the batch; see `Shard`.

        Returns:
            Inputs, dict of targets and dict of sample weights by task.

        Raises:
            IndexError: If there is no such batch.
            ValueError: If a sample is unsound.
        """
        if not -len(self) <= step < len(self):
            raise IndexError(f"Batch {step} of {len(self)}.")
        step %= len(self)
        order = self.order(epoch)
        whole = range(len(order))[step * self.batch_size :][: self.batch_size]
        own = own_part(whole, *shard)
        rows = [int(order[place]) for place in own]
        samples = [
            self._reader.read(row, epoch, place)
            for place, row in zip(own, rows)
        ]
        places = [where(sample, row) for sample, row in zip(samples, rows)]
        columns, labelled = {}, {}
        for name, spec in self._specs.items():
            values = [sample[name] for sample in samples]
            if spec.objects:
                values = self._cut(values, rows, spec)
            columns[name], labelled[name] = spec.stack(values, places)
        kept = [None if r in self.skipped else p for r, p in zip(rows, places)]
        given = {name: labelled[name] for name in fields_of(self.inputs)}
        require_inputs(given, kept, self.optional_inputs)
        return self._compose(columns, labelled)

    @property
    def dropped(self):
        """Counter of the objects that were dropped, by reason."""
        return self._prepared.dropped

    @property
    def skipped(self):
        """Dict from the number of a sample that was skipped to the reason."""
        return self._reader.failures.skipped

    def order(self, epoch=None):
        """The indices of the samples in the order of an epoch.

        Args:
            epoch: Number of the epoch; the present one by default.

        Returns:
            Int array (N,): N is the number of samples, or the `epoch_size` of
            a shuffled `Mixture`, or more where groups are filled up.
        """
        epoch = self.epoch if epoch is None else epoch
        if not self.shuffle:
            return np.arange(len(self.source))
        known, order = self._order
        if known != epoch:
            order = self._shuffled(epoch)
            self._order = (epoch, order)
        return order

    def _shuffled(self, epoch):
        if hasattr(self.source, "epoch_rows"):
            return self.source.epoch_rows(self.seed, epoch)
        generator = np.random.default_rng([self.seed, epoch])
        if self._groups is not None:
            return self._groups.draw(generator)
        return generator.permutation(len(self.source))

    def on_epoch_end(self):
        """Moves on to the next epoch, and reports what was left out."""
        self.epoch += 1
        self.warn_of_dropped()

    def warn_of_dropped(self):
        """Warns of what was left out so far, if that is more than was told.

        Keras asks for it at the end of an epoch, `collect_detections` after
        its reading; a loop of your own may call it at its end.
        """
        dropped = self.dropped
        reasons = ", ".join(f"{n} {why}" for why, n in dropped.items())
        self._report(
            "objects",
            dropped.total(),
            f"Objects dropped, cut off or clipped so far: {reasons} "
            f"(invalid_boxes={self.invalid_boxes!r}, "
            f"max_objects={self.max_objects}).",
        )
        reasons = "\n  ".join(list(self.skipped.values())[:3])
        self._report(
            "samples",
            len(self.skipped),
            f"{len(self.skipped)} samples skipped so far; the first:\n  "
            f"{reasons}",
        )

    def _report(self, what, number, message):
        """Warns if there are more than were known."""
        if number > self._reported[what]:
            self._reported[what] = number
            warnings.warn(message, stacklevel=3)

    def _tell_of_cut(self, row, number, spec):
        """Warns of the first sample that has too many objects."""
        if self._told_of_cut:
            return
        self._told_of_cut = True
        warnings.warn(
            f"Sample {row} has {number} objects in {spec.name!r}, of which "
            f"max_objects={spec.shape[0]} are kept: the others are neither "
            "taught nor part of an evaluation. So it goes with every such "
            "sample; `warn_of_dropped()` counts them. A larger max_objects "
            "keeps all.",
            stacklevel=4,
        )

    def _cut(self, values, rows, spec):
        """Cuts objects beyond `max_objects` off, and counts them."""
        most = spec.shape[0]
        for value, row in zip(values, rows):
            surplus = 0 if value is None else spec.rows(value, row) - most
            if surplus > 0:
                self._prepared.count(int(row), {TOO_MANY: surplus})
                self._tell_of_cut(int(row), len(value), spec)
        return [None if value is None else value[:most] for value in values]

    def _compose(self, columns, labelled):
        inputs = self.inputs
        if isinstance(inputs, list | tuple):
            inputs = [columns[name] for name in inputs]
        else:
            inputs = assemble(inputs, columns)
        truth, sample_weights = {}, {}
        for task, structure in self.targets.items():
            truth[task] = assemble(structure, columns)
            sample_weights[task] = weights(structure, labelled)
        return inputs, truth, sample_weights
