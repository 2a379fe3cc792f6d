"""Dense captioning: a phrase for each region of an image."""

import keras

from mtvision.models.assembly import require_new_tasks, task_output
from mtvision.models.faster_rcnn import (
    FasterRCNN,
    detect_regions,
    faster_rcnn_losses,
)
from mtvision.tasks import (
    DecodeRegionCaptions,
    RegionCaptionsHead,
    RegionCaptionsLoss,
)
from mtvision.training import MultiTaskModel


def DenseCaptioning(
    vocabulary_size,
    max_length,
    *,
    num_classes=1,
    num_proposals=0,
    captions=None,
    name="dense_captioning",
    **options,
):
    """A `FasterRCNN` that also says what its regions show.

    Its losses are five outputs: `rpn_objectness`, `rpn_boxes`, `classes`,
    `boxes` and `captions`. All read the same truth of objects, `captions`
    with their `"phrases"`. With one class, as in the paper, `classes` only
    says whether a region shows something; with more it names it, too.

    With `num_proposals` the boxes of the truth and their phrases are inputs:
    then a region reads the true words before the one that it is to give, and
    phrases are learned from the first step on. Without them it reads its own
    words. What it reads matters in training only: where the inputs are zeros,
    and in the detector, it always reads its own.

    Args:
        vocabulary_size: V, `len` of a `mtvision.data.Vocabulary`.
        max_length: L, most words of a phrase.
        num_classes: C; 1 if what is to be described has no classes.
        num_proposals: P, boxes of the truth that join the regions while
            training: 0 for none. If there are, the model takes a dict of
            `"image"`, `"proposals"` (B, P, 4), xyxy in pixels, and
            `"phrases"` (B, P, L), integers; zeros in padding. Numbers of V or
            more count as words that are not known.
        captions: Dict of further arguments of `RegionCaptionsHead`, or
            `None`.
        name: Name of the model.
        **options: Further arguments of `FasterRCNN`.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If an option is out of range, or one of `heads` has the
            name of an output.

    Example:

    >>> model = DenseCaptioning(
    ...     26, 8, num_proposals=4, image_size=64, filters=8, units=16,
    ...     num_regions=20, trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     captions={"units": 16, "embedding": 8})
    >>> tuple(model.output["captions"].shape)  # 20 and 4 regions
    (None, 24, 9, 26)
    >>> model.compile("adam", **dense_captioning_losses())

    Reference:
        Johnson, Karpathy and Li, DenseCap, 2016, on the regions of Ren et
        al., Faster R-CNN, 2015, in the place of its bilinear pooling.
    """
    base = FasterRCNN(
        num_classes, num_proposals=num_proposals, name=name, **options
    )
    head = RegionCaptionsHead(
        vocabulary_size, max_length, name="captions", **captions or {}
    )
    require_new_tasks({"captions": head}, base.output)
    features = base.get_layer("region_features").output
    regions = base.get_layer("regions").output
    inputs, truth = base.input, ()
    if num_proposals:
        phrases = keras.Input(
            (num_proposals, max_length), dtype="int32", name="phrases"
        )
        inputs = {**inputs, "phrases": phrases}
        truth = inputs["proposals"], phrases
    outputs = {**base.output, "captions": head(features, regions, *truth)}
    return MultiTaskModel(inputs, outputs, name=name)


def dense_captioning_losses(*, captions=None, losses=None, **options):
    """Losses of `DenseCaptioning`, to be splatted into `compile`.

    The paper weights the first four by 0.1, on a trunk that was trained
    before; here all have 1, unless `loss_weights` says otherwise.

    Args:
        captions: Dict of arguments of `RegionCaptionsLoss`, or `None`.
        losses: Dict of the losses of further tasks, or `None`.
        **options: Further arguments of `faster_rcnn_losses`. What `regions`
            says holds for phrases, too.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> list(dense_captioning_losses()["loss"])
    ['rpn_objectness', 'rpn_boxes', 'classes', 'boxes', 'captions']
    """
    of_regions = options.get("regions") or {}
    own = RegionCaptionsLoss(**{**of_regions, **(captions or {})})
    return faster_rcnn_losses(
        losses={"captions": own, **(losses or {})}, **options
    )


def dense_captioning_detector(
    model, *, beams=1, num_regions=None, max_detections=100, **options
):
    """A model from images to lists of detections with phrases.

    Phrases are written for the boxes that were found, pooled anew.

    Args:
        model: A trained `DenseCaptioning`.
        beams: K, phrases that are kept at each word; 1 for the greedy choice.
        num_regions: R, or `None` for as many as in training.
        max_detections: D.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from images, without `"proposals"` and `"phrases"`, to
        the dict of `"boxes"` (B, D, 4), `"scores"`, `"classes"` (B, D),
        `"phrases"` (B, D, L) and `"phrase_scores"` (B, D), as
        `DecodeRegionCaptions` gives them.

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> model = DenseCaptioning(
    ...     26, 8, num_proposals=4, image_size=64, filters=8, units=16,
    ...     num_regions=20, trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     captions={"units": 16, "embedding": 8})
    >>> found = dense_captioning_detector(model, max_detections=9).output
    >>> tuple(found["phrases"].shape)
    (None, 9, 8)
    """
    task_output(model, "captions", RegionCaptionsHead)
    image, pyramid, found = detect_regions(
        model,
        num_regions=num_regions,
        max_detections=max_detections,
        **options,
    )
    pooled = model.get_layer("pooled")(pyramid, found["boxes"])
    features = model.get_layer("region_features")(pooled)
    write = DecodeRegionCaptions(
        model.get_layer("captions"), beams=beams, name="phrases"
    )
    return keras.Model(
        image, write(features, found), name=f"{model.name}_detector"
    )
