"""U-Net: down to the whole, and up again with what was seen on the way."""

from mtvision.models.assembly import image_input, require_trunk
from mtvision.models.segmentation import require_task, segmentation_model
from mtvision.necks import ExpandingPath
from mtvision.tasks import SegmentationHead
from mtvision.trunks import ContractingPath


def UNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    pixel_heads=None,
    task="semantic",
    upsampling="transposed",
    merge="concatenate",
    filters=None,
    depth=2,
    normalization=True,
    dropout=0.0,
    name="unet",
):
    """U-Net, with as many more tasks on its two paths as wanted.

    A diagnosis of the whole image is one of `heads`, which see the coarsest
    maps; depth or edges are `pixel_heads`, which see what U-Net's classes are
    read from.

    Args:
        num_classes: C; 1 for a logit of class 1 against class 0.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ContractingPath`, from the size of the image to a 16th.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        pixel_heads: Dict from further tasks to layers that are called on the
            dict of the path's map and the image, or `None`.
        task: Name of the output.
        upsampling: How maps are enlarged: `"nearest"`, `"bilinear"`,
            `"bicubic"`, `"bed_of_nails"`, `"max_unpool"` or `"transposed"`.
        merge: How a level joins: `"concatenate"` or `"add"`, as in LinkNet,
            or `None`, not at all.
        filters: Channels at each finer level, from coarse to fine; `None`
            for as many as the level has.
        depth: Convolutions at each finer level.
        normalization: Whether BatchNorm follows them; the paper has none.
        dropout: Share of the coarsest map that is dropped in training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        logits (B, H, W, C) of the image's size, whatever it is.

    Raises:
        ValueError: If an option is out of range or two tasks have one name.

    Example:

    >>> trunk = mtv.trunks.ContractingPath((4, 8, 16))
    >>> diagnosis = mtv.tasks.ClassificationHead(2, level="P2")
    >>> model = UNet(3, trunk=trunk, heads={"diagnosis": diagnosis})
    >>> found = model(keras.ops.ones((1, 45, 31, 3)))
    >>> tuple(found["semantic"].shape), tuple(found["diagnosis"].shape)
    ((1, 45, 31, 3), (1, 2))
    >>> losses = {"diagnosis": mtv.tasks.ClassificationLoss()}
    >>> model.compile("adam", **mtv.models.segmentation_losses(losses=losses))
    >>> mtv.models.segmenter(model).output["semantic"].dtype
    'int32'

    Reference:
        Ronneberger et al., U-Net, 2015. Its convolutions do not pad, so that
        its maps are smaller than the image; these are not.
    """
    require_task(task)
    image = image_input(image_size)
    features = require_trunk(ContractingPath() if trunk is None else trunk)(
        image
    )
    maps = ExpandingPath(
        filters,
        upsampling=upsampling,
        merge=merge,
        depth=depth,
        normalization=normalization,
        dropout=dropout,
        name="path",
    )(features)
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
