"""Simple baselines for pose: key points at the peaks of heat maps."""

import keras

from mtvision.models.assembly import (
    image_input,
    require_new_tasks,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.models.segmentation import require_task
from mtvision.necks import ExpandingPath
from mtvision.tasks import DecodeKeypoints, KeypointMapsHead, KeypointMapsLoss
from mtvision.training import MultiTaskModel
from mtvision.trunks import ResNet50


def HeatMapPose(
    num_keypoints=17,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    task="keypoints",
    filters=(256, 256, 256),
    merge=None,
    depth=1,
    name="heat_map_pose",
):
    """Key points of one object by heat maps.

    The trunk's coarsest map is enlarged step by step to its finest level, by
    transposed convolutions with convolutions between them, and gives a heat
    map of each key point.

    Args:
        num_keypoints: K; 17 are those of `ops.COCO_KEYPOINTS`.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights. The heat maps have the
            stride of its finest level.
        heads: Dict from further tasks to layers that are called on the
            trunk's maps, or `None`.
        task: Name of the output.
        filters: Channels at each finer level, from coarse to fine.
        merge: How a level of the trunk joins: `None`, not at all, as in the
            paper; `"add"` or `"concatenate"`, as in an hourglass or a U-Net.
        depth: 3x3 convolutions at each finer level.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        maps (B, h, w, K + 4).

    Raises:
        ValueError: If an option is out of range, or the image is smaller than
            32 pixels, the stride of P5.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = HeatMapPose(
    ...     5, image_size=64, trunk=trunk, filters=(8, 8, 8))
    >>> tuple(model.output["keypoints"].shape)
    (None, 16, 16, 9)
    >>> model.compile("adam", **heat_map_pose_losses(sigma=1.5))

    Reference:
        Xiao et al., Simple Baselines for Human Pose Estimation and Tracking,
        2018. Its transposed convolutions have a kernel of 4; here one of 2 is
        followed by a convolution of 3.
    """
    require_task(task)
    image = image_input(image_size, "P5", "another trunk")
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    features = trunk(image)
    maps = ExpandingPath(filters, merge=merge, depth=depth, name="path")(
        features
    )
    (level,) = maps
    outputs = {
        task: KeypointMapsHead(num_keypoints, level=level, name=task)(maps)
    }
    require_new_tasks(heads, outputs)
    further = {each: head(features) for each, head in (heads or {}).items()}
    return MultiTaskModel(image, {**outputs, **further}, name=name)


def heat_map_pose_losses(
    *, task="keypoints", losses=None, loss_weights=None, sigma=2.0
):
    """Losses of `HeatMapPose`, to be splatted into `compile`.

    Args:
        task: Name of the output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        sigma: As for `KeypointMapsLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> heat_map_pose_losses(task="face")["loss_weights"]
    {'face': 1.0}
    """
    own = {task: KeypointMapsLoss(sigma=sigma)}
    return with_losses(own, {}, losses, loss_weights)


def heat_map_pose_detector(model, *, task="keypoints", **options):
    """A model from images to key points.

    Args:
        model: A trained `HeatMapPose`.
        task: Name of its output.
        **options: Arguments of `DecodeKeypoints`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"keypoints"`
        (B, K, 3), `"scores"` (B, K) and `"present"` (B,).

    Raises:
        ValueError: If the model has no such output.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = HeatMapPose(
    ...     5, image_size=64, trunk=trunk, filters=(8, 8, 8))
    >>> detector = heat_map_pose_detector(model)
    >>> tuple(detector.output["keypoints"].shape)
    (None, 5, 3)
    """
    maps = task_output(model, task, KeypointMapsHead)
    outputs = DecodeKeypoints(**options)(maps)
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")
