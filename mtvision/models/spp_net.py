"""SPP-net: regions pooled from one map, in bins of several sizes."""

from mtvision.layers import SpatialPyramidPooling
from mtvision.models.assembly import model_of, require_trunk
from mtvision.models.rcnn import rcnn_detector, rcnn_losses
from mtvision.models.region_parts import given_regions
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.tasks import RegionClassesHead, RegionTower
from mtvision.trunks import VGG16


def SPPNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    num_proposals=None,
    bins=(1, 2, 3, 6),
    level="P4",
    units=1024,
    dropout=0.0,
    task="classes",
    name="spp_net",
):
    """SPP-net: as `RCNN`, but the trunk looks at the image once.

    Its inputs are those of `RCNN`, and so are its training and detector.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `VGG16` with random weights.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        num_proposals: R, or `None` for any number.
        bins: Bins along a side at each level of the spatial pyramid.
        level: The trunk's map from which regions are pooled. Later layers of
            the trunk are not trained, and Keras warns of it.
        units: Outputs of each of the two dense layers; 4096 in the paper.
        dropout: Share of them that is dropped in training; 0.5 in the paper.
        task: Name of the output.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If an option is out of range, or the image is smaller
            than the stride of the level.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = SPPNet(3, image_size=64, trunk=trunk, num_proposals=20,
    ...                level="P3", units=16)
    >>> tuple(model.output["classes"].shape)
    (None, 20, 8)
    >>> model.compile("adam", **spp_net_losses())

    Reference:
        He et al., Spatial Pyramid Pooling in Deep Convolutional Networks for
        Visual Recognition, 2014, at one scale of the image. There, the trunk
        stays as it was trained for other images: `trunk.freeze()`.
    """
    inputs, regions = given_regions(image_size, num_proposals, level)
    trunk = require_trunk(VGG16() if trunk is None else trunk)
    pyramid = trunk(inputs["image"])
    pool = SpatialPyramidPooling(
        bins, spatial_scale=1 / level_stride(level), name="pooled"
    )
    pooled = pool(take_level(pyramid, level), regions)
    tower = RegionTower(units, dropout=dropout, name="region_features")
    head = RegionClassesHead(num_classes, name=task)
    outputs = {task: head(tower(pooled), regions)}
    return model_of(inputs, pyramid, outputs, heads, name)


def spp_net_losses(**options):
    """Losses of `SPPNet`, to be splatted into `compile`.

    Args:
        **options: As of `rcnn_losses`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> spp_net_losses()["loss_weights"]
    {'classes': 1.0}
    """
    return rcnn_losses(**options)


def spp_net_detector(model, data=None, **options):
    """A model from images and proposals to lists of detections.

    Args:
        model: A trained `SPPNet`.
        data: As of `rcnn_detector`: batches to fit linear models to.
        **options: As of `rcnn_detector`.

    Returns:
        `keras.Model` from the dict of `"image"` and `"proposals"` to the
        dict of `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: As `rcnn_detector`.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = SPPNet(3, image_size=64, trunk=trunk, num_proposals=20,
    ...                level="P3", units=16)
    >>> detector = spp_net_detector(model, max_detections=10)
    >>> tuple(detector.output["boxes"].shape)
    (None, 10, 4)
    """
    return rcnn_detector(model, data, **options)
