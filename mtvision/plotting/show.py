"""Samples with all their labels."""

from mtvision.plotting.above_score import above_score
from mtvision.plotting.arrange import arrange
from mtvision.plotting.decided import decided
from mtvision.plotting.field_kinds import is_missing, kind_of, last_word
from mtvision.plotting.field_shapes import check_rows, check_shape
from mtvision.plotting.panels import Panels
from mtvision.plotting.samples_of import columns_of, rows_of, samples_of
from mtvision.plotting.task_fields import with_task


def show(
    batch,
    predictions=None,
    *,
    fields=None,
    class_names=None,
    skeleton=None,
    divisor=1000,
    score_threshold=0.3,
    num_images=8,
    columns=4,
):
    """Draws samples with all their labels, and predictions beside them.

    What a field shows is told by the last word of its name (`boxes`,
    `classes`, `masks`, `keypoints`, `crowd`, `phrases`, `proposals`, `box`,
    `present`, `semantic`, `mask`, `panoptic`, `depth`, `normals`, `label`,
    `attributes`, `caption`, `identity`, `count`, `same`, `image`, `file`), else
    by its type and shape. Phrases are written at the boxes, proposals (and
    `proposal_boxes`) are thin lines. Labels that are not given (weight 0,
    None, NaN or -1) are listed in the title, and padding rows are left out.

    Args:
        batch: A sample (dict with an `image` (H, W, C)), a list of samples,
            or a batch `(inputs, targets)` or `(inputs, targets,
            sample_weights)`, as `mtvision.data.Batches` gives it.
        predictions: What a model predicts for the tasks of the batch, or
            fields as in samples: a dict of arrays (B, ...), a list of B dicts
            or, for one sample, a dict. What a detector gives (`boxes`,
            `scores`, `classes`) may stand without its task. Of scores of
            classes the best one is shown. What differs from the truth is
            marked by a cross, as is a box on no true box of its class (IoU
            of 0.5 or more).
        fields: Dict from task to the fields that it reads, the `targets` of
            `Batches`; needed where the name of a task does not tell.
        class_names: List of names, or dict from field to its list, as
            `classes` of a source; the words of `phrases` need a dict.
        skeleton: Pairs of numbers of key points, from 0, to draw lines
            between.
        divisor: Of panoptic maps: class * divisor + number of the instance.
        score_threshold: Predicted objects of lower `scores` are not drawn.
        num_images: Number of samples to draw, at most.
        columns: Number of pictures in a row. A sample has several if it has
            several images, depth, or several maps.

    Returns:
        A matplotlib `Figure`; `figure.savefig("batch.png")` writes it.

    Raises:
        ValueError: If a field has another shape than its name says, or there
            is nothing to draw.

    Example:

    >>> sample = {"image": np.zeros((8, 8, 3)), "label": 1, "depth": None}
    >>> figure = show(sample, {"label": 0}, class_names=["cat", "dog"])
    >>> [axis.get_title().splitlines() for axis in figure.axes]
    [['truth', 'label: dog', 'missing: depth'], ['predicted', '✗ label: cat']]
    """
    samples = samples_of(batch, fields)
    predicted = _predicted(predictions, batch, fields, len(samples))
    samples = samples[:num_images]
    predicted = [
        None if each is None else above_score(each, score_threshold)
        for each in predicted[:num_images]
    ]
    if not samples or columns < 1:
        raise ValueError(
            f"Expected at least one sample, image and column; received "
            f"{len(samples)} samples, num_images={num_images}, "
            f"columns={columns}."
        )
    kinds = _kinds([*samples, *(each or {} for each in predicted)])
    samples = [_prepared(each, kinds) for each in samples]
    predicted = [
        None if each is None else _prepared(each, kinds, sample)
        for each, sample in zip(predicted, samples)
    ]
    options = {"class_names": class_names, "skeleton": skeleton}
    panels = Panels(kinds, divisor=divisor, **options)
    return arrange(
        [panels.of_sample(*pair) for pair in zip(samples, predicted)],
        columns=columns if predictions is None else columns + columns % 2,
    )


def _predicted(predictions, batch, fields, number):
    """The predictions as a list, a dict or None for each sample."""
    if predictions is None:
        return [None] * number
    if isinstance(predictions, dict):
        columns = columns_of(with_task(predictions, fields), fields)[0]
        rows = [columns] if isinstance(batch, dict) else rows_of(columns)
    else:
        _require_rows(predictions)
        rows = [
            columns_of(with_task(each, fields), fields)[0]
            for each in predictions
        ]
    if len(rows) != number:
        raise ValueError(
            f"Expected predictions for {number} samples, received {len(rows)}."
        )
    return rows


def _require_rows(predictions):
    if not isinstance(predictions, list | tuple) or not all(
        isinstance(each, dict) for each in predictions
    ):
        raise ValueError(
            "Expected predictions as a dict by task or field, or a list of "
            f"dicts, received {type(predictions).__name__}."
        )


def _main_image(sample):
    """The image whose size maps and masks have."""
    names = [name for name in sample if last_word(name) == "image"]
    name = "image" if "image" in names else names[0]
    if sample[name] is None:
        raise ValueError(
            f"Expected an image in every sample, {name!r} is None."
        )
    return sample[name]


def _kinds(samples):
    """What each field shows, the main image first."""
    image = _main_image(samples[0])
    order = dict.fromkeys(["image"] if "image" in samples[0] else [])
    order |= dict.fromkeys(name for each in samples for name in each)
    kinds = {}
    for name in order:
        values = (each.get(name) for each in samples)
        value = next((v for v in values if v is not None), None)
        size = image.shape
        kinds[name] = kind_of(name, value, size)
    return kinds


def _prepared(sample, kinds, truth=None):
    """Images with channels, one label for scores, and checks of shapes."""
    found = {}
    for name, value in sample.items():
        kind = kinds[name]
        if kind == "image" and value is not None and value.ndim == 2:
            value = value[..., None]
        if truth is not None or kind in ("semantic", "mask", "depth"):
            found |= decided(name, kind, value)
        else:
            found[name] = value
    image = _main_image(found if truth is None else truth)
    for name, value in found.items():
        if not is_missing(value):
            check_shape(name, kinds.get(name, "score"), value, image.shape)
            check_rows(found, name)
    return found
