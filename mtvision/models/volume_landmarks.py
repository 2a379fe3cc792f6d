"""Landmarks in volumes: each patch says whether one is there, and where."""

import keras

from mtvision.models.assembly import (
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.models.segmentation import require_task
from mtvision.ops.axes import by_axis
from mtvision.ops.option_checks import require_count
from mtvision.tasks import (
    DecodeVolumeLandmarks,
    LandmarkDisplacementHead,
    LandmarkDisplacementLoss,
    LandmarkPresenceHead,
    LandmarkPresenceLoss,
)
from mtvision.trunks import VolumeNet

# Voxels along a side for which a trunk of any size shows its strides.
PROBE = 96


def VolumeLandmarks(
    num_landmarks,
    *,
    volume_size=None,
    channels=1,
    trunk=None,
    heads=None,
    task="landmarks",
    hidden=32,
    prior=0.1,
    name="volume_landmarks",
):
    """Finds landmarks in volumes by the votes of all patches.

    Fully convolutional: each cell of the trunk's map stands for a patch of
    the volume, says for each landmark whether the patch holds it, and which
    way it is to it. These are two outputs, each with a loss of its own.

    Args:
        num_landmarks: K.
        volume_size: Voxels, `(D, H, W)` or one number for all; `None` for
            volumes of any size. Multiples of the trunk's cells, or the voxels
            at the far end are not seen.
        channels: C, channels of a voxel.
        trunk: A layer or model from volumes (B, D, H, W, C) to a map
            (B, d, h, w, c); by default `VolumeNet`.
        heads: Dict from further tasks to layers that are called on this map,
            or `None`.
        task: What the names of the outputs begin with.
        hidden: Channels of each head before its last layer.
        prior: Probability that every cell starts at.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, with the outputs
        `"landmarks_presence"` and `"landmarks_displacement"`.

    Raises:
        ValueError: If an option is out of range, or the trunk's map does not
            suit its volumes.

    Example:

    >>> model = VolumeLandmarks(5, volume_size=32)
    >>> {name: tuple(x.shape) for name, x in model.output.items()}
    {'landmarks_presence': (None, 8, 8, 8, 11), \
'landmarks_displacement': (None, 8, 8, 8, 21)}
    >>> model.compile("adam", **volume_landmarks_losses())

    Reference:
        Noothout et al., CNN-based landmark detection in cardiac CTA scans,
        2018, and Deep learning-based regression and classification for
        automatic landmark localization in medical images, 2020, of which this
        is the first, global stage.
    """
    size = by_axis(volume_size, _require_side, "volume_size")
    require_count(channels, 1, "channels")
    require_task(task)
    volume = keras.Input((*size, channels), name="volume")
    if trunk is None:
        trunk = VolumeNet(volume_shape=(None, None, None, channels))
    features = require_trunk(trunk)(volume)
    options = {"cell_size": _cell_size(trunk, channels), "hidden": hidden}
    presence, displacement = _names(task)
    outputs = {
        presence: LandmarkPresenceHead(
            num_landmarks, prior=prior, name=presence, **options
        )(features),
        displacement: LandmarkDisplacementHead(
            num_landmarks, name=displacement, **options
        )(features),
    }
    return model_of(volume, features, outputs, heads, name)


def volume_landmarks_losses(
    *,
    task="landmarks",
    losses=None,
    loss_weights=None,
    positive_share=0.05,
    reach=1.0,
):
    """Losses of `VolumeLandmarks`, to be splatted into `compile`.

    Both read the same truth (B, K, 4), see `LandmarkPresenceLoss`.

    Args:
        task: What the names of the outputs begin with.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        positive_share: As for `LandmarkPresenceLoss`.
        reach: As for `LandmarkDisplacementLoss`. On `SyntheticVolumes` of 32
            voxels, 200 steps led to a mean error of 0.9 voxels with 1, and of
            1.5 with `None`, which is the paper's: there, a second stage looks
            at what is near.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> volume_landmarks_losses(task="valve")["loss_weights"]
    {'valve_presence': 1.0, 'valve_displacement': 1.0}
    """
    presence, displacement = _names(task)
    own = {
        presence: LandmarkPresenceLoss(positive_share=positive_share),
        displacement: LandmarkDisplacementLoss(reach=reach),
    }
    return with_losses(own, {}, losses, loss_weights)


def volume_landmarks_detector(model, *, task="landmarks", **options):
    """A model from volumes to landmarks.

    Args:
        model: A trained `VolumeLandmarks`.
        task: What the names of its outputs begin with.
        **options: Arguments of `DecodeVolumeLandmarks`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"landmarks"`
        (B, K, 3), z, y, x in voxels, and `"scores"` (B, K).

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> model = VolumeLandmarks(5, volume_size=32)
    >>> detector = volume_landmarks_detector(model)
    >>> tuple(detector.output["landmarks"].shape)
    (None, 5, 3)
    """
    kinds = (LandmarkPresenceHead, LandmarkDisplacementHead)
    maps = [task_output(model, *pair) for pair in zip(_names(task), kinds)]
    outputs = DecodeVolumeLandmarks(**options)(maps)
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _require_side(number, argument):
    if number is not None:
        require_count(number, 1, argument)


def _names(task):
    return [f"{task}_{part}" for part in ("presence", "displacement")]


def _cell_size(trunk, channels):
    """Voxels along each axis that a cell of the trunk's map spans."""
    inputs = getattr(trunk, "inputs", None)
    fixed = inputs[0].shape[1:4] if inputs else (None,) * 3
    size = [side or PROBE for side in fixed]
    shape = trunk.compute_output_shape((None, *size, channels))
    cells = shape[1:4] if len(shape) == 5 else (0,)
    if any(not n or side % n for side, n in zip(size, cells)):
        raise ValueError(
            f"The trunk gives {tuple(shape)} for volumes of {(*size, channels)}"
            ", expected a map (B, d, h, w, c) whose cells span a whole number "
            "of voxels. Take a trunk for volumes whose convolutions pad, or "
            "volumes that its strides divide."
        )
    return tuple(side // n for side, n in zip(size, cells))
