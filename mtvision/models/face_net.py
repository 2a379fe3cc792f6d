"""FaceNet: embeddings that are learned by triplets alone."""

from mtvision.losses import Triplet
from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    with_losses,
)
from mtvision.tasks import EmbeddingHead
from mtvision.trunks import SmallResNet


def FaceNet(
    *,
    image_size=None,
    trunk=None,
    heads=None,
    embedding_size=128,
    level="P5",
    pooling="average",
    dropout=0.0,
    name="face_net",
):
    """FaceNet: from a face to a vector, near for the same person.

    Args:
        image_size: Pixels, `(H, W)`, one number for both, or `None` for
            images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a map or a dict of
            them; by default `SmallResNet`.
        heads: Dict from further tasks to layers that are called on what the
            trunk gives, or `None`.
        embedding_size: D, numbers of an embedding.
        level: Which map of a dict is read.
        pooling: As for `EmbeddingHead`.
        dropout: Likewise.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        the output `"embedding"` (B, D), of length 1.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 4, 4, 8))
    >>> model = FaceNet(trunk=trunk, embedding_size=16)
    >>> model.compile("adam", **face_net_losses(mining="hard"))
    >>> tuple(mtv.models.face_embedder(model).output.shape)
    (None, 16)

    Reference:
        Schroff et al., FaceNet, 2015.
    """
    image = image_input(image_size)
    trunk = require_trunk(SmallResNet() if trunk is None else trunk)
    features = trunk(image)
    head = EmbeddingHead(
        embedding_size,
        level=level,
        pooling=pooling,
        dropout=dropout,
        name="embedding",
    )
    return model_of(image, features, {"embedding": head(features)}, heads, name)


def face_net_losses(*, losses=None, loss_weights=None, **options):
    """Losses of `FaceNet`, to be splatted into `compile`.

    Args:
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        **options: Arguments of `Triplet`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> face_net_losses(margin=0.5)["loss_weights"]
    {'embedding': 1.0}
    """
    return with_losses(
        {"embedding": Triplet(**options)}, {}, losses, loss_weights
    )
