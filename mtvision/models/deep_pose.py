"""DeepPose: key points by regression, and a cascade that refines them."""

import keras

from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.models.segmentation import require_task
from mtvision.necks import FeaturePyramid
from mtvision.ops.option_checks import require_count
from mtvision.tasks import (
    DecodeKeypoints,
    KeypointRefinementHead,
    KeypointsHead,
    KeypointsLoss,
)
from mtvision.trunks import ResNet50


def DeepPose(
    num_keypoints=14,
    *,
    image_size=None,
    trunk=None,
    stages=3,
    heads=None,
    task="keypoints",
    filters=64,
    hidden=128,
    level="P3",
    refinement=None,
    name="deep_pose",
):
    """Key points of one object by regression, refined stage by stage.

    The first stage sees the whole image; each further one looks at a square
    around every key point and moves it. Each is an output with its own loss:
    `"keypoints"`, `"keypoints_2"`, `"keypoints_3"`. All read the same truth.
    With one stage it finds landmarks by plain regression. Each vector begins
    with the logit of whether the object is there.

    Args:
        num_keypoints: K; 14 are the joints of `ops.LSP_KEYPOINTS`.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights.
        stages: How many, the first included.
        heads: Dict from further tasks to layers that are called on the
            pyramid, or `None`.
        task: Name of the first output, what those of the others begin with.
        filters: Channels of the pyramid.
        hidden: Channels within the heads.
        level: Level of the pyramid that the first stage reads.
        refinement: Dict of further arguments of `KeypointRefinementHead`, or
            `None`.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        vectors (B, 1 + 2 K).

    Raises:
        ValueError: If an option is out of range, or the image is smaller than
            32 pixels, the stride of P5.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = DeepPose(5, image_size=64, trunk=trunk, filters=8, hidden=8)
    >>> model.task_names
    ['keypoints', 'keypoints_2', 'keypoints_3']
    >>> model.compile("adam", **deep_pose_losses())

    Reference:
        Toshev and Szegedy, DeepPose: Human Pose Estimation via Deep Neural
        Networks, 2014. Its stages are networks of their own; here they share
        a trunk and train at once.
    """
    require_count(stages, 1, "stages")
    require_task(task)
    image = image_input(image_size, "P5", "another trunk")
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    first, *further = _names(task, stages)
    options = {"level": "P2", "hidden": hidden, **(refinement or {})}
    # Further heads may read all levels.
    levels = {level, options["level"]} if further else {level}
    levels = None if heads else tuple(sorted(levels))
    neck = FeaturePyramid(filters, outputs=levels, name="pyramid")
    pyramid = neck(trunk(image))
    vectors = KeypointsHead(
        num_keypoints, level=level, hidden=hidden, name=first
    )(pyramid)
    outputs = {first: vectors}
    for stage in further:
        head = KeypointRefinementHead(num_keypoints, name=stage, **options)
        vectors = outputs[stage] = head(pyramid, vectors)
    return model_of(image, pyramid, outputs, heads, name)


def deep_pose_losses(
    *,
    stages=3,
    task="keypoints",
    losses=None,
    loss_weights=None,
    presence_weight=1.0,
    **options,
):
    """Losses of `DeepPose`, to be splatted into `compile`.

    Args:
        stages: As for `DeepPose`.
        task: As for `DeepPose`.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        presence_weight: As for `KeypointsLoss`, of the first stage: the
            others hand its presence on.
        **options: Further arguments of `KeypointsLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> deep_pose_losses(stages=2)["loss_weights"]
    {'keypoints': 1.0, 'keypoints_2': 1.0}
    """
    require_count(stages, 1, "stages")
    first, *further = _names(task, stages)
    own = {first: KeypointsLoss(presence_weight=presence_weight, **options)}
    for stage in further:
        own[stage] = KeypointsLoss(presence_weight=0.0, **options)
    return with_losses(own, {}, losses, loss_weights)


def deep_pose_detector(model, *, task="keypoints", stage=None, **options):
    """A model from images to key points.

    Args:
        model: A trained `DeepPose`.
        task: Name of its first output.
        stage: Which stage to read, from 1; `None` for the last.
        **options: Arguments of `DecodeKeypoints`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"keypoints"`
        (B, K, 3), `"scores"` (B, K) and `"present"` (B,).

    Raises:
        ValueError: If the model has no such output.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = DeepPose(5, image_size=64, trunk=trunk, filters=8, hidden=8)
    >>> detector = deep_pose_detector(model)
    >>> tuple(detector.output["keypoints"].shape)
    (None, 5, 3)
    """
    if stage is None:
        stage = 1
        while _names(task, stage + 1)[-1] in model.output:
            stage += 1
    require_count(stage, 1, "stage")
    kind = KeypointsHead if stage == 1 else KeypointRefinementHead
    vectors = task_output(model, _names(task, stage)[-1], kind)
    outputs = DecodeKeypoints(**options)(vectors)
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _names(task, stages):
    return [task, *(f"{task}_{k}" for k in range(2, stages + 1))]
