"""The part of a model that is needed after training."""

import keras

from mtvision.layers import SquaredDistance


def face_embedder(model):
    """A model from images to embeddings, of any of the recipes.

    Args:
        model: A `DeepFace`, a `FaceNet` or a `Siamese`, or another model with
            an output `"embedding"`. The embedder shares its layers, and so is
            trained with it.

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
    outputs = getattr(model, "output", None)
    outputs = outputs if isinstance(outputs, dict) else {}
    if "embedding" in outputs:
        name = f"{model.name}_embedder"
        return keras.Model(model.input, outputs["embedding"], name=name)
    if any(isinstance(layer, SquaredDistance) for layer in model.layers):
        return _network(model)
    raise ValueError(
        f"Expected a DeepFace, FaceNet or Siamese, or a model with an output "
        f"'embedding'; the outputs of {model.name!r} are {sorted(outputs)}."
    )


def _network(siamese):
    """What both images of a `Siamese` go through."""
    others = (keras.layers.InputLayer, SquaredDistance)
    (network,) = [
        layer for layer in siamese.layers if not isinstance(layer, others)
    ]
    image = keras.Input(siamese.inputs[0].shape[1:], name="image")
    return keras.Model(image, network(image), name=f"{siamese.name}_embedder")
