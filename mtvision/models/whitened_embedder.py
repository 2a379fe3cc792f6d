"""Embeddings by which the people of the training spread alike."""

import keras
from keras import layers

from mtvision.layers import UnitLength
from mtvision.ops.whitening import within_class_whitening


def whitened_embedder(embedder, embeddings, identities, *, ridge=0.05):
    """An embedder with one more linear layer, fitted in closed form.

    The layer makes little of what changes between the faces of one person:
    see `within_class_whitening`. The embedder may be learned, or as simple as
    the pixels of a small image: that is what faces are recognised by where
    people to learn from are few.

    Args:
        embedder: `keras.Model` from images (B, H, W, 3) to embeddings (B, D),
            such as `face_embedder(model)`. Its layers are shared.
        embeddings: Array (N, D): what it gives for faces of the training,
            several of each person, not augmented.
        identities: Whole numbers (N,), -1 or NaN where not known.
        ridge: As for `within_class_whitening`.

    Returns:
        `keras.Model` from images to embeddings (B, D), of length 1, float32.

    Raises:
        ValueError: If shapes do not fit, no person has two faces, or a value
            is not finite.

    Example:

    >>> image = keras.Input((4, 4, 3))
    >>> pixels = keras.Model(image, keras.layers.Flatten()(image))
    >>> faces = np.random.default_rng(0).uniform(0, 255, (6, 4, 4, 3))
    >>> found = pixels.predict(faces, verbose=0)
    >>> white = whitened_embedder(pixels, found, [0, 0, 1, 1, 2, 2])
    >>> white.predict(faces, verbose=0).shape
    (6, 48)

    Reference:
        Hatch et al., Within-Class Covariance Normalization for SVM-Based
        Speaker Recognition, 2006.
    """
    mean, matrix = within_class_whitening(embeddings, identities, ridge=ridge)
    image = keras.Input(embedder.input_shape[1:], name="image")
    found = embedder(image)
    if tuple(found.shape[1:]) != mean.shape:
        raise ValueError(
            f"Expected embeddings of {found.shape[1:]} numbers, as "
            f"{embedder.name!r} gives them, received {mean.shape}."
        )
    dense = layers.Dense(len(mean), dtype="float32", name="whitening")
    output = UnitLength()(dense(found))
    dense.set_weights([matrix, -mean @ matrix])
    return keras.Model(image, output, name=f"{embedder.name}_whitened")
