"""From localization vectors to a dict of readable parts."""

import keras
from keras import layers, ops

from mtvision.tasks.localization.columns import split


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeLocalization(layers.Layer):
    """Names the parts of localization vectors.

    Call:
        outputs: Tensor (B, 5 + C) or (B, K, 5 + C) of `LocalizationHead`.

    Returns:
        Dict of float32 tensors: `"objectness"`, the probability that the
        object is there, (B,) or (B, K); `"box"`, xyxy in pixels, cut at 0,
        (..., 4); `"classes"`, probabilities (..., C), if C is not 0.

    Example:

    >>> decode = DecodeLocalization()
    >>> outputs = decode(keras.ops.ones((2, 7)))
    >>> {k: tuple(v.shape) for k, v in sorted(outputs.items())}
    {'box': (2, 4), 'classes': (2, 2), 'objectness': (2,)}
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, outputs):
        """Returns the named parts."""
        outputs = ops.cast(outputs, "float32")
        objectness, box, classes = split(outputs)
        decoded = {
            "objectness": ops.sigmoid(objectness),
            "box": ops.maximum(box, 0.0),
        }
        if classes.shape[-1]:
            decoded["classes"] = ops.softmax(classes, axis=-1)
        return decoded
