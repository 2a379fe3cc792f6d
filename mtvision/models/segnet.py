"""SegNet: a decoder that knows where the trunk's poolings took their maxima."""

from mtvision.models.assembly import image_input, require_trunk
from mtvision.models.segmentation import (
    mirrored_path,
    require_task,
    segmentation_model,
)
from mtvision.tasks import SegmentationHead
from mtvision.trunks import VGG16


def SegNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    pixel_heads=None,
    task="semantic",
    upsampling="max_unpool",
    filters=None,
    depth=None,
    dropout=0.0,
    name="segnet",
):
    """SegNet: VGG, and its mirror with the places of its maxima.

    Args:
        num_classes: C; 1 for a logit of class 1 against class 0.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `VGG16(finest="P0")` with random weights.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        pixel_heads: Dict from further tasks to layers that are called on the
            dict of the decoder's map and the image, or `None`.
        task: Name of the output.
        upsampling: How maps are enlarged, see `UNet`.
        filters: Channels at each finer level, from coarse to fine; `None`
            for those of the next level, as in the paper.
        depth: Convolutions at each of them, one number or a list; `None` for
            as many as VGG has.
        dropout: Share of the coarsest map that is dropped in training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        logits (B, H, W, C).

    Raises:
        ValueError: If an option is out of range or two tasks have one name.

    Example:

    >>> trunk = mtv.trunks.ContractingPath((4, 8, 16))
    >>> model = SegNet(3, image_size=32, trunk=trunk)
    >>> tuple(model.output["semantic"].shape)
    (None, 32, 32, 3)
    >>> model.compile("adam", **mtv.models.segmentation_losses())

    Reference:
        Badrinarayanan et al., SegNet, 2015. There, the convolutions of a
        level but the last keep its channels.
    """
    require_task(task)
    image = image_input(image_size)
    trunk = require_trunk(VGG16(finest="P0") if trunk is None else trunk)
    features = trunk(image)
    maps = mirrored_path(
        features,
        filters=filters,
        depth=depth,
        upsampling=upsampling,
        dropout=dropout,
    )
    head = SegmentationHead(num_classes, filters=None, depth=0, name=task)
    return segmentation_model(
        image,
        features,
        maps,
        head,
        heads=heads,
        pixel_heads=pixel_heads,
        name=name,
    )
