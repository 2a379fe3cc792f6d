"""The part of a model that is needed after training."""

import keras
from keras import layers, ops

from mtvision.layers import SquaredDistance, UnitLength
from mtvision.ops.option_checks import require_flag


def face_embedder(model, *, mirrored=False):
    """A model from images to embeddings, of any of the recipes.

    Args:
        model: A `DeepFace`, a `FaceNet` or a `Siamese`, or another model with
            an output `"embedding"`. The embedder shares its layers, and so is
            trained with it.
        mirrored: Whether the embedding is the mean of those of the face and
            its mirror image, brought to length 1. That takes twice as long,
            and the way a face looks counts less.

    Returns:
        `keras.Model` from images (B, H, W, 3) to embeddings (B, D), float32.

    Raises:
        ValueError: If the model gives no embeddings.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 4, 4, 8))
    >>> face_net = mtv.models.FaceNet(trunk=trunk, embedding_size=16)
    >>> embedder = face_embedder(face_net)
    >>> tuple(embedder(np.zeros((2, 64, 64, 3))).shape)
    (2, 16)
    """
    require_flag(mirrored, "mirrored")
    outputs = getattr(model, "output", None)
    outputs = outputs if isinstance(outputs, dict) else {}
    if "embedding" in outputs:
        embedder = keras.Model(model.input, outputs["embedding"])
    elif any(isinstance(layer, SquaredDistance) for layer in model.layers):
        embedder = _network(model)
    else:
        raise ValueError(
            "Expected a DeepFace, FaceNet or Siamese, or a model with an "
            f"output 'embedding'; the outputs of {model.name!r} are "
            f"{sorted(outputs)}."
        )
    image = keras.Input(embedder.input_shape[1:], name="image")
    embedding = embedder(image)
    if mirrored:
        both = embedding + embedder(ops.flip(image, axis=2))
        embedding = UnitLength()(both)
    return keras.Model(image, embedding, name=f"{model.name}_embedder")


def _network(siamese):
    """What both images of a `Siamese` go through."""
    others = (layers.InputLayer, SquaredDistance)
    (network,) = [
        layer for layer in siamese.layers if not isinstance(layer, others)
    ]
    image = keras.Input(siamese.inputs[0].shape[1:])
    return keras.Model(image, network(image))
