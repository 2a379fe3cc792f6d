"""FCN: a classifier made convolutional, with scores from finer levels."""

from keras import layers

from mtvision.models.assembly import image_input, require_trunk
from mtvision.models.segmentation import require_task, segmentation_model
from mtvision.ops.option_checks import require_count, require_within
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import FCNHead
from mtvision.trunks import VGG16
from mtvision.trunks.convolution import convolution


def FCN(
    num_classes,
    *,
    stride=8,
    image_size=None,
    trunk=None,
    heads=None,
    pixel_heads=None,
    task="semantic",
    upsampling="transposed",
    hidden=4096,
    dropout=0.5,
    name=None,
):
    """FCN-32s, FCN-16s or FCN-8s.

    Args:
        num_classes: C; 1 for a logit of class 1 against class 0.
        stride: That of the finest level whose scores are added: 32, 16 or 8;
            any power of two whose level the trunk gives. One larger than the
            coarsest level is none.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `VGG16` with random weights.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        pixel_heads: Dict from further tasks to layers that are called on the
            maps that are scored and the image, or `None`.
        task: Name of the output.
        upsampling: How scores are enlarged: `"transposed"`, `"nearest"`,
            `"bilinear"` or `"bicubic"`.
        hidden: Channels of the two layers at the coarsest map, of 7x7 and
            1x1 pixels, which were VGG's dense layers; 0 for none.
        dropout: Share of them that is dropped in training.
        name: Name of the model; by default `"fcn_8s"` and the like.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        logits (B, H, W, C).

    Raises:
        ValueError: If the trunk lacks a level of that stride, an option is
            out of range or two tasks have one name.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = FCN(3, stride=16, image_size=64, trunk=trunk, hidden=8)
    >>> tuple(model.output["semantic"].shape)
    (None, 64, 64, 3)
    >>> model.compile("adam", **mtv.models.segmentation_losses())

    Reference:
        Long et al., Fully Convolutional Networks for Semantic Segmentation,
        2015. There, the image is padded by 100 pixels instead of the maps,
        and VGG's finer scores are read after the poolings, one layer before
        P4 and P3.
    """
    require_count(stride, 1, "stride")
    require_count(hidden, 0, "hidden")
    require_within(dropout, 0, 1, "dropout")
    require_task(task)
    image = image_input(image_size)
    trunk = require_trunk(VGG16() if trunk is None else trunk)
    features = trunk(image)
    levels = _levels_from(features, stride)
    coarsest = max(levels, key=level_stride)
    x = features[coarsest]
    for number, kernel in enumerate((7, 1) if hidden else ()):
        x = convolution(
            x, hidden, f"whole_{number}", kernel=kernel, normalization=False
        )
        x = layers.Dropout(dropout, name=f"whole_{number}_drop")(x)
    head = FCNHead(num_classes, levels=levels, upsampling=upsampling, name=task)
    return segmentation_model(
        image,
        features,
        {**features, coarsest: x},
        head,
        heads=heads,
        pixel_heads=pixel_heads,
        name=name or f"fcn_{stride}s",
    )


def _levels_from(features, stride):
    """The levels of that stride and more."""
    strides = {level: level_stride(level) for level in features}
    if stride not in strides.values():
        raise ValueError(
            f"Expected stride as that of a level of the trunk, {strides}; "
            f"received stride={stride}."
        )
    return tuple(k for k in sorted(features) if strides[k] >= stride)
