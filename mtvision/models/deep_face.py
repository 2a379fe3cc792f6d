"""DeepFace: a classifier of people whose features know others, too."""

from mtvision.layers import UnitLength
from mtvision.losses import Triplet
from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    with_losses,
)
from mtvision.tasks import (
    ClassificationHead,
    ClassificationLoss,
    EmbeddingHead,
)
from mtvision.trunks import DeepFaceNet


def DeepFace(
    num_identities,
    *,
    image_size=152,
    trunk=None,
    heads=None,
    embedding_size=4096,
    level="P5",
    pooling="flatten",
    dropout=0.5,
    name="deep_face",
):
    """DeepFace: one dense layer above the trunk, and the people above that.

    The output `"identity"` tells the people of the training apart. The
    features that it reads, brought to length 1, are the output
    `"embedding"`, near for the same person also where nobody of the training
    is shown: `face_embedder(model)`. Both read the identity as their truth.

    Args:
        num_identities: People of the training, C.
        image_size: Pixels of aligned faces, `(H, W)` or one number for both;
            `None` for any size, with another trunk and pooling.
        trunk: A layer or model from images (B, H, W, 3) to a map or a dict of
            them; by default `DeepFaceNet`.
        heads: Dict from further tasks to layers that are called on what the
            trunk gives, or `None`.
        embedding_size: D, numbers of an embedding.
        level: Which map of a dict is read.
        pooling: As for `EmbeddingHead`.
        dropout: Share of the features that is dropped in training before the
            people are told apart.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255, with
        the outputs `"embedding"` (B, D) and `"identity"` (B, C), logits.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 4, 4, 8))
    >>> model = DeepFace(30, image_size=64, trunk=trunk, embedding_size=16)
    >>> {name: tuple(x.shape) for name, x in model.output.items()}
    {'embedding': (None, 16), 'identity': (None, 30)}
    >>> model.compile("adam", **deep_face_losses())

    Reference:
        Taigman et al., DeepFace, 2014. There, the features have a ReLU, and
        the embeddings are scaled by the maxima of the training.
    """
    image = image_input(image_size)
    if trunk is None:
        trunk = DeepFaceNet(image_shape=image.shape[1:])
    features = require_trunk(trunk)(image)
    vectors = EmbeddingHead(
        embedding_size,
        level=level,
        pooling=pooling,
        normalize=False,
        name="features",
    )(features)
    unit = UnitLength(name="embedding")
    head = ClassificationHead(num_identities, dropout=dropout, name="identity")
    outputs = {"embedding": unit(vectors), "identity": head(vectors)}
    return model_of(image, features, outputs, heads, name)


def deep_face_losses(
    *, losses=None, loss_weights=None, label_smoothing=0.0, **options
):
    """Losses of `DeepFace`, to be splatted into `compile`.

    The paper has no loss of the embedding: `losses={"embedding": None}`.

    Args:
        losses: Dict of the losses of further tasks, or others for these two,
            or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        label_smoothing: As for `ClassificationLoss`.
        **options: Arguments of `Triplet`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> deep_face_losses(losses={"embedding": None})["loss_weights"]
    {'identity': 1.0}
    """
    own = {
        "embedding": Triplet(**options),
        "identity": ClassificationLoss(label_smoothing=label_smoothing),
    }
    return with_losses(own, {}, losses, loss_weights)
