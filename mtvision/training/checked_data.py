"""Data sets whose batches are checked before the compiled step sees them."""

import contextlib
import types

import keras

from mtvision.training import arrays
from mtvision.training.absent_inputs import fill_absent_inputs
from mtvision.training.data_epochs import hold
from mtvision.training.inputs import (
    check_inputs,
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
        name: What the data are, for messages; nothing is their only ones.
    """

    def __init__(self, tasks, model, name=""):
        self.name = name
        self.tasks = tasks
        self.inputs = model.inputs
        self.layers = model.layers
        self.optional_inputs = getattr(model, "optional_inputs", ())
        self.unchecked_inputs = ()
        self.error = None

    def check(self, batch, name=None):
        """Raises if a batch cannot be what the model needs.

        Args:
            batch: `(x, y)` or `(x, y, sample_weight)`, arrays or tensors.
            name: Name of the batch for messages, or `None`.

        Returns:
            The batch, with the inputs that it lacks and may lack.

        Raises:
            ValueError: Naming task and sample.
        """
        parts = keras.utils.unpack_x_y_sample_weight(batch)
        try:
            x = self.check_parts(*parts)
        except ValueError as error:
            places = [place for place in (self.name, name) if place]
            raise ValueError(": ".join([*places, str(error)])) from None
        return (x, *batch[1:]) if isinstance(batch, tuple | list) else x

    def check_parts(self, x, y, sample_weight):
        """As `check`, of the three parts of a batch; returns the inputs."""
        x = self._check_inputs(x)
        arrays.check_truths(
            y,
            self.tasks,
            image_size(x, self.inputs),
            volume_size(x, self.inputs),
        )
        arrays.check_weights(sample_weight)
        arrays.check_lengths(x, y, sample_weight)
        return x

    def _check_inputs(self, x):
        optional = self.optional_inputs
        x = fill_absent_inputs(x, self.inputs, optional, self.layers)
        check_inputs(x, self.inputs, optional, self.unchecked_inputs)
        check_room(x, self.inputs, self.layers)
        return x

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
                yield self.check(batch, f"Batch {index}")


class CheckedInputs(CheckedData):
    """As `CheckedData`, for `predict`, which has no truth.

    Args:
        model: The `MultiTaskModel`.
    """

    def __init__(self, model):
        super().__init__(None, model)
        self.unchecked_inputs = model.unchecked_inputs

    def check_parts(self, x, y=None, sample_weight=None):
        """As for `CheckedData`, of inputs alone."""
        return self._check_inputs(x)


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
            return self.checked.check(self.data[index], f"Batch {index}")

    def on_epoch_begin(self):
        self.data.on_epoch_begin()

    def on_epoch_end(self):
        self.data.on_epoch_end()
