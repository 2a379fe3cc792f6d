"""Siamese networks: whether two images show the same."""

import keras

from mtvision.layers import SquaredDistance
from mtvision.losses import Contrastive
from mtvision.models.assembly import (
    image_input,
    require_trunk,
    with_losses,
)
from mtvision.training import MultiTaskModel


def Siamese(network, *, image_size=None, name="siamese"):
    """One network for two images, and the distance of what it gives.

    Args:
        network: A layer or model from images (B, H, W, 3) to embeddings
            (B, D), such as `face_embedder(FaceNet())`. Both images go through
            it, so that it learns from both.
        image_size: Pixels, `(H, W)`, one number for both, or `None` for
            those of the network.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from the dict of images
        `"first_image"` and `"second_image"` to the output `"same"` (B, 1):
        their squared distance, small if they show the same.

    Raises:
        ValueError: If the network gives no embeddings (B, D).

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 4, 4, 8))
    >>> network = mtv.models.face_embedder(mtv.models.FaceNet(trunk=trunk))
    >>> model = Siamese(network, image_size=64)
    >>> tuple(model.output["same"].shape)
    (None, 1)
    >>> model.compile("adam", **siamese_losses())

    Reference:
        Taigman et al., DeepFace, 2014; Hadsell et al., Dimensionality
        Reduction by Learning an Invariant Mapping, 2006.
    """
    require_trunk(network)
    shape = _image_shape(network, image_size)
    images = {
        field: keras.Input(shape, name=field)
        for field in ("first_image", "second_image")
    }
    embeddings = [network(image) for image in images.values()]
    _require_embeddings(embeddings[0])
    distance = SquaredDistance(name="same")
    return MultiTaskModel(images, {"same": distance(*embeddings)}, name=name)


def siamese_losses(**options):
    """Losses of `Siamese`, to be splatted into `compile`.

    Args:
        **options: Arguments of `Contrastive`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> siamese_losses(margin=0.7)["loss_weights"]
    {'same': 1.0}
    """
    return with_losses({"same": Contrastive(**options)}, {}, None, None)


def _image_shape(network, image_size):
    known = getattr(network, "inputs", None)
    if image_size is None and known:
        return known[0].shape[1:]
    return image_input(image_size).shape[1:]


def _require_embeddings(output):
    shape = getattr(output, "shape", None)
    if shape is None or len(shape) != 2:
        given = tuple(shape) if shape is not None else sorted(output)
        raise ValueError(
            "Expected a network from images to embeddings (B, D), one tensor; "
            f"received one that gives {given}. Of a recipe's model take "
            "mtvision.models.face_embedder(model)."
        )
