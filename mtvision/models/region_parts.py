"""What the recipes of detectors by regions share."""

import keras

from mtvision.models.assembly import image_input, task_output
from mtvision.necks import FeaturePyramid
from mtvision.ops.level_maps import choose_levels
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.tasks import (
    GivenRegions,
    GridAnchors,
    ProposalBoxesHead,
    ProposalObjectnessHead,
    ProposalTower,
    ProposeRegions,
    RegionBoxesHead,
    RegionClassesHead,
    RegionTower,
)

# Of the paper, on its only map, of stride 16: 128, 256 and 512 pixels.
SINGLE_LEVEL = {"cells": 8.0, "scales": (1.0, 2.0, 4.0)}
PROPOSAL_HEADS = (
    ("rpn_objectness", ProposalObjectnessHead),
    ("rpn_boxes", ProposalBoxesHead),
)


def coarsest_level(levels, trunk):
    """The coarsest of some levels of a trunk.

    Args:
        levels: Names of the levels to use.
        trunk: Layer or model. Of a layer it is not known what levels it has.

    Returns:
        Name of the level.

    Raises:
        ValueError: If there is none, or the trunk lacks one.

    Example:

    >>> coarsest_level(("P4", "P3"), mtv.trunks.SmallResNet())
    'P4'
    """
    if not isinstance(levels, list | tuple) or not levels:
        raise ValueError(
            "Expected levels as one or more names such as ('P4',) or ('P3', "
            f"'P4'), received {levels!r}."
        )
    coarsest = max(levels, key=level_stride)
    maps = getattr(trunk, "output", None)
    if isinstance(maps, dict):
        choose_levels(maps, levels, "The model")
    return coarsest


def region_inputs(
    image_size, num_proposals, levels, extra_levels=0, trunk=None
):
    """The symbolic image, and the boxes that come with it.

    Args:
        image_size: As in `image_input`.
        num_proposals: P, 0 for no boxes.
        levels: The levels to use.
        extra_levels: Number of levels on top of them.
        trunk: Layer or model that gives them, or `None`.

    Returns:
        Dict of `"image"` and, unless there are none, `"proposals"`.

    Raises:
        ValueError: If there is no such number or level, or the image is too
            small.

    Example:

    >>> inputs = region_inputs(64, 9, ("P3", "P4"))
    >>> {k: x.shape for k, x in inputs.items()}
    {'image': (None, 64, 64, 3), 'proposals': (None, 9, 4)}
    """
    top = level_stride(coarsest_level(levels, trunk)).bit_length() - 1
    coarsest = f"P{top + extra_levels}"
    image = image_input(image_size, coarsest, "fewer extra_levels")
    require_count(num_proposals, 0, "num_proposals")
    if not num_proposals:
        return {"image": image}
    proposals = keras.Input((num_proposals, 4), name="proposals")
    return {"image": image, "proposals": proposals}


def given_regions(image_size, num_proposals, coarsest="P0"):
    """The inputs of a model of an image and proposals, and its regions.

    Args:
        image_size: As in `image_input`.
        num_proposals: R, or `None` for any number.
        coarsest: As in `image_input`.

    Returns:
        `(inputs, regions)`: a dict of symbolic `"image"` and `"proposals"`,
        and what the layer `"regions"` makes of these.

    Raises:
        ValueError: If there is no such size or number.
    """
    if num_proposals is not None:
        require_count(num_proposals, 1, "num_proposals")
    image = image_input(image_size, coarsest, "a finer level")
    proposals = keras.Input((num_proposals, 4), name="proposals")
    regions = GivenRegions(name="regions")(proposals, image)
    return {"image": image, "proposals": proposals}, regions


def pyramid_of(features, levels, filters, **options):
    """The layer `"pyramid"`; of one level the map as it is.

    Args:
        features: Dict of the trunk's maps.
        levels: Names of the levels to use.
        filters: Channels of the pyramid.
        **options: Further arguments of `FeaturePyramid`.

    Returns:
        Dict of maps.
    """
    if len(levels) == 1:
        features = {levels[0]: take_level(features, levels[0])}
        return keras.layers.Identity(name="pyramid")(features)
    neck = FeaturePyramid(filters, levels=levels, name="pyramid", **options)
    return neck(features)


def propose(inputs, pyramid, *, filters, anchors, **options):
    """A network that proposes regions: its four layers.

    Args:
        inputs: Dict of `region_inputs`.
        pyramid: Dict of maps.
        filters: Channels of its convolution.
        anchors: `GridAnchors`, or `None` for those of the papers.
        **options: Arguments of `ProposeRegions`.

    Returns:
        `(outputs, regions)`: the dict of the two outputs that have losses,
        and the regions (B, R, 4).
    """
    if anchors is None and len(pyramid) == 1:
        anchors = GridAnchors(**SINGLE_LEVEL)
    maps = ProposalTower(filters, name="proposal_maps")(pyramid)
    outputs = {
        task: head(anchors=anchors, name=task)(maps)
        for task, head in PROPOSAL_HEADS
    }
    regions = ProposeRegions(name="regions", **options)(
        *outputs.values(), inputs["image"], maps, inputs.get("proposals")
    )
    return outputs, regions


def propose_again(model, maps=None, num_regions=None):
    """The regions of a trained model, without those that joined them.

    Args:
        model: A model with the layers of `propose`.
        maps: Dict of the maps of `"proposal_maps"`, or `None` if there is
            one level.
        num_regions: R, or `None` for as many as in training.

    Returns:
        Symbolic tensor (B, R, 4).

    Raises:
        ValueError: If the model has no such outputs.
    """
    rows = [task_output(model, task, head) for task, head in PROPOSAL_HEADS]
    layer = model.get_layer("regions")
    if num_regions is not None:
        require_count(num_regions, 1, "num_regions")
        config = {**layer.get_config(), "num_regions": num_regions}
        layer = ProposeRegions.from_config(config)
    return layer(*rows, symbolic_image(model), maps)


def region_outputs(pooled, regions, num_classes, *, units, **options):
    """Two dense layers on each region, and the two heads of its object.

    Args:
        pooled: Tensor (B, R, h, w, D).
        regions: Tensor (B, R, 4).
        num_classes: C.
        units: Outputs of each dense layer.
        **options: Further arguments of `RegionTower`.

    Returns:
        Dict of `"classes"` and `"boxes"`.
    """
    tower = RegionTower(units, name="region_features", **options)
    features = tower(pooled)
    return {
        task: head(num_classes, name=task)(features, regions)
        for task, head in (
            ("classes", RegionClassesHead),
            ("boxes", RegionBoxesHead),
        )
    }


def symbolic_image(model):
    """The image among the inputs of a model.

    Args:
        model: A model of an image, or of a dict with an `"image"`.

    Returns:
        Symbolic image (B, H, W, 3).
    """
    inputs = model.input
    return inputs["image"] if isinstance(inputs, dict) else inputs
