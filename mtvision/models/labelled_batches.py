"""The batches that a detector is fitted to, checked as `fit` checks them."""

import keras
import numpy as np

from mtvision.ops.arrays import as_array
from mtvision.tasks import RegionClassesLoss
from mtvision.training.checked_data import CheckedData
from mtvision.training.compiled_tasks import CompiledTasks


def labelled_batches(model, data, task):
    """Inputs of a model, and the objects of one of its tasks.

    Args:
        model: A functional model from a dict of inputs to a dict of outputs.
        data: Batches of `(inputs, truth)` or `(inputs, truth,
            sample_weights)`: any iterable, or a `keras.utils.PyDataset`.
        task: Name of the output with rows of `RegionClassesHead`.

    Yields:
        `(inputs, objects)`: a dict by input, and the task's truth as a dict
        of arrays, with NaN as the boxes of images without a label.

    Raises:
        ValueError: If a batch is none that the model can be trained on,
            naming it, and the sample.
    """
    losses = {**dict.fromkeys(model.output), task: RegionClassesLoss()}
    tasks = CompiledTasks(model.output, losses)
    checked = CheckedData(tasks, model)
    for index, batch in enumerate(_batches(data)):
        inputs, truth, weights = keras.utils.unpack_x_y_sample_weight(batch)
        _require_inputs(inputs, model, f"Batch {index}")
        checked.check((inputs, truth, weights), f"Batch {index}")
        weights = tasks.route(truth, weights)[task]
        yield inputs, _with_nan(truth[task], weights)


def _batches(data):
    if isinstance(data, keras.utils.PyDataset):
        return (data[index] for index in range(len(data)))
    return data


def _require_inputs(inputs, model, name):
    """Raises unless there is an array for each input of a model."""
    found = sorted(inputs) if isinstance(inputs, dict) else type(inputs)
    if not isinstance(inputs, dict) or set(model.input) - set(inputs):
        raise ValueError(
            f"{name}: expected inputs as a dict of {sorted(model.input)}, "
            f"received {found}. With mtvision.data.Batches these are its "
            '`inputs`: {"image": "image", "proposals": "proposal_boxes"}.'
        )


def _with_nan(truth, weights):
    """A truth of objects, with NaN for boxes of samples of weight 0."""
    truth = {field: as_array(value) for field, value in truth.items()}
    if weights is not None:
        boxes = np.array(truth["boxes"], "float32")
        weights = as_array(weights).reshape(len(boxes), -1)
        boxes[weights.max(axis=1) <= 0] = np.nan
        truth["boxes"] = boxes
    return truth
