"""DeconvNet: the mirror of VGG, dense layers and all."""

from mtvision.models.assembly import image_input, require_trunk
from mtvision.models.segmentation import (
    mirrored_path,
    require_task,
    segmentation_model,
)
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import SegmentationHead
from mtvision.trunks import VGG16
from mtvision.trunks.convolution import convolution


def DeconvNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    pixel_heads=None,
    task="semantic",
    upsampling="max_unpool",
    hidden=4096,
    filters=None,
    depth=None,
    dropout=0.0,
    name="deconv_net",
):
    """DeconvNet: VGG, two wide layers, and the mirror of it all.

    The mirror enlarges by max-unpooling and goes on with transposed
    convolutions.

    Args:
        num_classes: C; 1 for a logit of class 1 against class 0.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `VGG16(finest="P0")` with random weights.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        pixel_heads: Dict from further tasks to layers that are called on the
            dict of the mirror's map and the image, or `None`.
        task: Name of the output.
        upsampling: How maps are enlarged, see `UNet`.
        hidden: Channels of the two layers at the coarsest map, of 7x7 and
            1x1 pixels; 0 for none.
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
    >>> model = DeconvNet(3, image_size=32, trunk=trunk, hidden=8)
    >>> tuple(model.output["semantic"].shape)
    (None, 32, 32, 3)
    >>> model.compile("adam", **mtv.models.segmentation_losses())

    Reference:
        Noh et al., Learning Deconvolution Network for Semantic Segmentation,
        2015. There, the 7x7 layer sees the whole of an object's crop, and
        does not pad; here it pads, so that the image may have any size.
    """
    require_count(hidden, 0, "hidden")
    require_task(task)
    image = image_input(image_size)
    trunk = require_trunk(VGG16(finest="P0") if trunk is None else trunk)
    features = trunk(image)
    coarsest = max(features, key=level_stride)
    channels = features[coarsest].shape[-1]
    x = features[coarsest]
    if hidden:
        x = convolution(x, hidden, "whole_0", kernel=7)
        x = convolution(x, hidden, "whole_1", kernel=1)
        x = convolution(x, channels, "whole_2", kernel=7)
    maps = mirrored_path(
        {**features, coarsest: x},
        filters=filters,
        depth=depth,
        upsampling=upsampling,
        transposed=True,
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
