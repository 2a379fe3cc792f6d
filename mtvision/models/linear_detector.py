"""Detectors of fixed features and linear models, fitted after training."""

import keras

from mtvision.models.assembly import task_output
from mtvision.models.labelled_batches import labelled_batches
from mtvision.models.linear_fits import (
    fit_ridges,
    fit_svms,
    ridge_options,
    svm_options,
)
from mtvision.models.region_samples import gather_regions
from mtvision.tasks import (
    DecodeRegions,
    RegionBoxesHead,
    RegionClassesHead,
)

# `ops.encode_boxes` as the ridge regression learns it.
DELTA_WEIGHTS = (1.0, 1.0, 1.0, 1.0)


def linear_detector(model, data, *, svms, ridges, task, **options):
    """A detector of the features of a model.

    Args:
        model: A model with the layers `"regions"`, `"pooled"` and
            `"region_features"`, and the output `task`.
        data: Batches to fit to, or `None` for the model's own classes, and
            regions as they are.
        svms: Dict of arguments of `svm_options`, or `None`.
        ridges: Dict of arguments of `ridge_options`, or `None`.
        task: Name of the output of classes, and of the truth.
        **options: Arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from the inputs of the model to detections.

    Raises:
        ValueError: If the model has no such output, an option is out of
            range or needs data, or the data has no label, or a fault.
    """
    svms, ridges = _options(data, svms, ridges)
    rows = task_output(model, task, RegionClassesHead)
    regions = model.get_layer("regions").output
    features = model.get_layer("region_features").output
    pooled = _flat(model.get_layer("pooled").output)
    num_classes = model.get_layer(task).num_classes
    if data is None:
        boxes = RegionBoxesHead(name="boxes")
        boxes_rows = boxes(features, regions)
        boxes.set_weights([0 * w for w in boxes.get_weights()])
    else:
        extract = keras.Model(model.input, [features, pooled, regions])
        batches = labelled_batches(model, data, task)
        samples = gather_regions(extract, batches, num_classes)
        margins = RegionClassesHead(num_classes, name="margins")
        rows = margins(features, regions)
        margins.set_weights(_with_background(*fit_svms(samples, **svms)))
        boxes = RegionBoxesHead(num_classes, name="boxes")
        boxes_rows = boxes(pooled, regions)
        boxes.set_weights(fit_ridges(samples, num_classes, **ridges))
    decode = DecodeRegions(
        activation="softmax" if data is None else "sigmoid",
        delta_weights=DELTA_WEIGHTS,
        **options,
    )
    found = decode([rows, boxes_rows], model.input["image"])
    return keras.Model(model.input, found, name=f"{model.name}_detector")


def _options(data, svms, ridges):
    """All options of both fits; raises if one is given without data."""
    given = {"svms": svms, "ridges": ridges}
    given = [name for name, options in given.items() if options is not None]
    if data is None and given:
        raise ValueError(
            f"The options {given} are those of fits to data, received "
            "data=None. Pass the data, or leave them out."
        )
    return svm_options(**svms or {}), ridge_options(**ridges or {})


def _flat(pooled):
    """Pooled regions (B, R, h, w, D) as rows (B, R, h w D)."""
    _, regions, height, width, channels = pooled.shape
    shape = (regions or -1, height * width * channels)
    return keras.layers.Reshape(shape, name="pooled_rows")(pooled)


def _with_background(kernel, offset):
    """Weights with a column for the background, which nothing reads."""
    ops = keras.ops
    kernel = ops.pad(kernel, ((0, 0), (0, 1)))
    return [ops.convert_to_numpy(x) for x in (kernel, ops.pad(offset, (0, 1)))]
