"""A detector run over a data set: truth and detections, image by image."""

import keras
import numpy as np

from mtvision.metrics.coco_tools import encode_masks
from mtvision.metrics.data_batches import (
    count_batches,
    has_label,
    inputs_of,
    read_batches,
)
from mtvision.metrics.object_lists import NEEDED, OF_TRUTH
from mtvision.metrics.unread_areas import warn_of_unread_areas
from mtvision.ops.arrays import as_array
from mtvision.ops.truth_objects import labelled_objects

# Phrases have an evaluation of their own.
FIELDS = {
    **NEEDED,
    "phrases": (
        ("boxes", "phrases", "classes"),
        ("boxes", "phrases", "classes", "scores"),
    ),
}


def collect_detections(
    data, detector, *, task="boxes", kind="boxes", verbose=1
):
    """Runs a detector over a data set, and lists what is there and found.

    Args:
        data: Batches of `(inputs, truth, sample_weights)`:
            `mtvision.data.Batches`, any `PyDataset`, a `tf.data` pipeline or
            another iterable. `truth[task]` is a dict of `"boxes"`
            (B, M, 4), `"classes"` (B, M) and, optionally, `"crowd"`,
            `"difficult"`, `"area"`, `"annotated"`, `"masks"`, `"keypoints"`
            and `"phrases"`. Samples whose weight for the task is 0, or whose
            boxes are NaN, carry no label and are left out; an image without
            an object is labelled.
        detector: `keras.Model` from the inputs, or some of a dict of them, to
            a dict of `"boxes"`
            (B, D, 4), `"classes"` and `"scores"` (B, D), padded by class -1,
            and `"masks"` (B, D, H, W), `"keypoints"` (B, D, K, 3) or
            `"phrases"` (B, D, L).
        task: Name of the task. With `region_targets`, masks are in the truth
            of `"masks"`, key points in that of `"keypoints"`, phrases in that
            of `"captions"`.
        kind: `"boxes"`, `"masks"`, `"keypoints"` or `"phrases"`: what is to
            be evaluated. Masks are kept as run lengths: needs pycocotools.
        verbose: 1 for a progress bar, 2 for a line at the end, 0 for none.

    Returns:
        `(truth, detections)`: lists with a dict for each labelled image, for
        `coco_evaluate` and its like, or `dense_captioning_evaluate`.

    Raises:
        ValueError: If fields are missing, or no sample carries a label.

    Example:

    >>> image = keras.Input((8, 8, 3))
    >>> box = image[:, :1, :4, 0]  # a pretended detector of one object
    >>> found = {"boxes": box, "scores": box[..., 2], "classes": box[..., 0]}
    >>> pixels = np.ones((2, 8, 8, 3)) * [[[0], [0], [3], [4]] + [[0]] * 4]
    >>> objects = {"boxes": [[[0, 0, 3, 4]]] * 2, "classes": [[0], [-1]]}
    >>> data = [(pixels, {"boxes": objects})]
    >>> lists = collect_detections(data, keras.Model(image, found), verbose=0)
    >>> [len(image["classes"]) for images in lists for image in images]
    [1, 0, 1, 1]
    """
    require_detector(detector, kind)
    truth, detections = [], []
    number = count_batches(data)
    bar = keras.utils.Progbar(number, verbose=verbose, unit_name="batch")
    step = 0
    for inputs, y_true, weights in read_batches(data):
        objects = _objects(y_true, task, kind, f"Batch {step}")
        if step == 0 and kind == "keypoints" and "area" not in objects:
            warn_of_unread_areas(data, task)
        found = detector.predict_on_batch(inputs_of(detector, inputs))
        _require_fields(found, FIELDS[kind][1], "a detector that gives")
        number = len(objects["classes"])
        _require_rows(found, kind, number, f"Batch {step}: of a detector")
        for row in np.flatnonzero(_labelled(objects, weights, task)):
            truth.append(_image(objects, row, kind))
            detections.append(_image(found, row, kind))
        step += 1
        bar.update(step)
    if step and step != number:
        bar.update(step, finalize=True)
    # `mtvision.data.Batches` tell of objects that did not fit.
    getattr(data, "warn_of_dropped", lambda: None)()
    if not step:
        raise ValueError("Expected batches to evaluate, but the data has none.")
    if not truth:
        raise ValueError(
            f"Expected samples with a label of task {task!r} to evaluate, but "
            f"found none in {step} batches: all have a sample weight of 0 or "
            "boxes of NaN."
        )
    return truth, detections


def require_detector(detector, kind):
    """Raises unless a model gives the detections of a kind.

    Args:
        detector: `keras.Model`; one that is not functional shows only when it
            runs.
        kind: `"boxes"`, `"masks"`, `"keypoints"` or `"phrases"`.

    Raises:
        ValueError: Naming what is missing.

    Example:

    >>> image = keras.Input((8, 8, 3))
    >>> require_detector(keras.Model(image, image), "boxes")
    Traceback (most recent call last):
    ...
    ValueError: Expected a detector that gives the fields ['boxes', ...
    """
    if kind not in FIELDS:
        raise ValueError(
            f"Expected kind to be one of {tuple(FIELDS)}, received {kind!r}."
        )
    if getattr(detector, "outputs", None) is not None:
        _require_fields(
            detector.output, FIELDS[kind][1], "a detector that gives"
        )


def _require_fields(objects, fields, expected):
    known = sorted(objects) if isinstance(objects, dict) else "no dict"
    if not isinstance(objects, dict) or not set(fields) <= set(objects):
        raise ValueError(
            f"Expected {expected} the fields {list(fields)}, received {known}."
        )


def _objects(y_true, task, kind, place):
    """The fields of a task's truth, as arrays."""
    needed = FIELDS[kind][0]
    if not isinstance(y_true, dict) or not isinstance(y_true.get(task), dict):
        known = sorted(y_true) if isinstance(y_true, dict) else "no dict"
        raise ValueError(
            f"{place}: expected a truth that holds a dict for the task "
            f"{task!r}, received {known}.{_other_task(y_true, needed)}"
        )
    objects = y_true[task]
    if not set(needed) <= set(objects):
        raise ValueError(
            f"{place}: expected the truth of the task {task!r} to have the "
            f"fields {list(needed)} for kind={kind!r}, received "
            f"{sorted(objects)}.{_other_task(y_true, needed)}"
        )
    objects = {field: as_array(value) for field, value in objects.items()}
    number = len(np.atleast_1d(objects["classes"]))
    _require_rows(objects, kind, number, f"{place}: of the truth")
    return objects


def _require_rows(objects, kind, number, what):
    """Raises unless fields have a row for each object of so many samples."""
    shape = np.shape(objects["classes"])
    if len(shape) != 2 or shape[0] != number:
        raise ValueError(
            f"{what}, expected classes (B, M) of {number} samples, received "
            f"the shape {shape}."
        )
    for field in (*OF_TRUTH, "scores", kind, "annotated"):
        own = shape[: 1 if field == "annotated" else 2]
        received = np.shape(objects.get(field, objects["classes"]))
        if received[: len(own)] != own:
            raise ValueError(
                f"{what}, the classes have the shape {shape}, but {field!r} "
                f"has {received}: expected as many samples and rows."
            )


def _other_task(y_true, needed):
    """A hint at the tasks whose truth has the fields."""
    truths = y_true if isinstance(y_true, dict) else {}
    tasks = [
        f"task={task!r}"
        for task, objects in truths.items()
        if isinstance(objects, dict) and set(needed) <= set(objects)
    ]
    return f" Pass {' or '.join(tasks)}, which has them." if tasks else ""


def _labelled(objects, weights, task):
    """Which samples carry a label, (B,)."""
    labelled = has_label(weights, task, len(objects["classes"]))
    if "boxes" in objects:
        labelled &= as_array(labelled_objects(objects))
    return labelled


def _image(objects, row, kind):
    """What one sample of a batch holds, without padding."""
    rows = np.flatnonzero(objects["classes"][row] >= 0)
    image = {
        field: objects[field][row][rows]
        for field in (*OF_TRUTH, "scores", kind)
        if field in objects
    }
    if kind == "masks":
        image["masks"] = encode_masks(image["masks"])
    if "annotated" in objects:
        image["annotated"] = objects["annotated"][row]
    return image
