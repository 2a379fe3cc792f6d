"""Data sets whose batches are checked before the compiled step sees them."""

import contextlib
import types

import keras

from mtvision.training import arrays
from mtvision.training.data_epochs import hold
from mtvision.training.inputs import (
    check_inputs,
    check_missing,
    check_numbers,
    check_room,
    image_size,
    volume_size,
)


class CheckedData:
    """Wraps the data sets of one call of `fit`, and keeps their first error.

    Keras reads batches in threads and, on TensorFlow, inside a `tf.data`
    pipeline, which turns an error into one of its own.

    Args:
        tasks: The model's `CompiledTasks`.
        model: A `MultiTaskModel`, or another functional model.
    """

    def __init__(self, tasks, model):
        self.tasks = tasks
        self.inputs = model.inputs
        self.layers = model.layers
        self.optional_inputs = getattr(model, "optional_inputs", ())
        self.error = None

    def check(self, batch, name=None):
        """Raises if a batch cannot be what the model needs.

        Args:
            batch: `(x, y)` or `(x, y, sample_weight)`, arrays or tensors.
            name: Name of the batch for messages, or `None`.

        Raises:
            ValueError: Naming task and sample.
        """
        try:
            self.check_parts(*keras.utils.unpack_x_y_sample_weight(batch))
        except ValueError as error:
            prefix = "" if name is None else f"{name}: "
            raise ValueError(f"{prefix}{error}") from None

    def check_parts(self, x, y, sample_weight):
        """As `check`, of the three parts of a batch."""
        check_inputs(x, self.inputs, self.optional_inputs)
        check_room(x, self.inputs, self.layers)
        arrays.check_truths(
            y,
            self.tasks,
            image_size(x, self.inputs),
            volume_size(x, self.inputs),
        )
        arrays.check_weights(sample_weight)
        arrays.check_lengths(x, y, sample_weight)

    def wrap(self, data):
        """Makes every batch of a data set checked.

        Args:
            data: Anything that `fit` takes.

        Returns:
            A data set like `data` if it is a `keras.utils.PyDataset` without
            processes of its own, or a generator; else `data` itself, whose
            batches pass unseen.
        """
        if isinstance(data, types.GeneratorType):
            return self._generate(data)
        if isinstance(data, keras.utils.PyDataset):
            if data.use_multiprocessing:
                return data
            return _CheckedSet(hold(data), self)
        return data

    @contextlib.contextmanager
    def raising(self):
        """Raises the data's own error in place of the one it has led to.

        Yields:
            Nothing.
        """
        try:
            yield
        except Exception:
            if self.error is not None:
                raise self.error from None
            raise

    @contextlib.contextmanager
    def keeping_errors(self):
        """Keeps the first error of the block.

        Yields:
            Nothing.
        """
        try:
            yield
        except Exception as error:
            self.error = self.error or error
            raise

    def _generate(self, data):
        with self.keeping_errors():
            for index, batch in enumerate(data):
                self.check(batch, f"Batch {index}")
                yield batch


class CheckedInputs(CheckedData):
    """As `CheckedData`, for `predict`, which has no truth.

    Args:
        model: The `MultiTaskModel`.
    """

    def __init__(self, model):
        super().__init__(None, model)
        self.unchecked_inputs = model.unchecked_inputs

    def check_parts(self, x, y=None, sample_weight=None):
        """Raises if images are too small, or inputs missing or no numbers."""
        check_room(x, self.inputs, self.layers)
        x = self._without_unchecked(x)
        check_missing(x, self.inputs, self.optional_inputs)
        check_numbers(x, self.inputs)

    def _without_unchecked(self, x):
        if not self.unchecked_inputs:
            return x
        if isinstance(x, list | tuple):
            x = {tensor.name: part for tensor, part in zip(self.inputs, x)}
        if not isinstance(x, dict):
            return x
        return {k: v for k, v in x.items() if k not in self.unchecked_inputs}


class _CheckedSet(keras.utils.PyDataset):
    def __init__(self, data, checked):
        super().__init__(
            workers=data.workers, max_queue_size=data.max_queue_size
        )
        self.data = data
        self.checked = checked

    @property
    def num_batches(self):
        return self.data.num_batches

    def __getitem__(self, index):
        with self.checked.keeping_errors():
            batch = self.data[index]
            self.checked.check(batch, f"Batch {index}")
        return batch

    def on_epoch_begin(self):
        self.data.on_epoch_begin()

    def on_epoch_end(self):
        self.data.on_epoch_end()
