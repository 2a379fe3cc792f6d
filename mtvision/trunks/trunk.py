"""The shared part of a model: image in, feature maps out."""

import keras

from mtvision.ops.shapes import require_channels_last
from mtvision.trunks.checks import (
    require_cells,
    require_image,
    require_levels,
    require_name,
    require_strides,
)


@keras.saving.register_keras_serializable(package="mtvision")
class Trunk(keras.Model):
    """A functional model from an image to feature maps of several strides.

    Args:
        inputs: Symbolic image (B, H, W, 3), values 0 to 255.
        outputs: Dict from levels among `"P0"` to `"P7"` to symbolic feature
            maps (B, H / 2 ** k, W / 2 ** k, C).
        name: Name of the model.
        **kwargs: Further arguments of `keras.Model`.

    Raises:
        ValueError: If the image is not channels-last RGB, a level is unknown
            or a static size contradicts the stride of its level; when
            called, if nothing is left of an image by poolings that do not
            pad.

    Example:

    >>> image = keras.Input((64, 64, 3))
    >>> x = keras.layers.Conv2D(8, 4, strides=4, name="patches")(image)
    >>> trunk = Trunk(image, {"P2": x}).freeze(until="patches")
    >>> tuple(trunk(image)["P2"].shape), len(trunk.trainable_variables)
    ((None, 16, 16, 8), 0)
    """

    def __init__(self, inputs, outputs, name=None, **kwargs):
        require_channels_last("Trunk")
        if not keras.backend.is_keras_tensor(inputs):
            raise ValueError(
                "Trunk expects one symbolic image as its inputs, received "
                f"{inputs!r}. Create it by keras.Input((None, None, 3))."
            )
        require_image(inputs.shape)
        require_levels(outputs)
        shapes = {level: x.shape for level, x in outputs.items()}
        require_strides(inputs.shape, shapes)
        super().__init__(inputs, outputs, name=name, **kwargs)
        # Of images that are large enough.
        self._known_sizes = set()

    def __call__(self, inputs, *args, **kwargs):
        """Returns the dict of maps; raises if the image is too small."""
        shape = tuple(getattr(inputs, "shape", ()))
        if shape[1:] not in self._known_sizes:
            require_cells(self, shape)
            self._known_sizes.add(shape[1:])
        return super().__call__(inputs, *args, **kwargs)

    def freeze(self, until=None):
        """Stops the training of the first layers, or of all.

        BatchNorm layers among them keep their moving statistics and use them
        in training too. Layers behind `until` stay as they are:
        `trunk.unfreeze().freeze(until="P3")` forgets an earlier freeze. A
        compiled model must be compiled again to notice.

        Args:
            until: Name of the last layer to freeze; or a level such as
                `"P3"`, which freezes all that it is computed from. None
                freezes every layer.

        Returns:
            The trunk itself.

        Raises:
            ValueError: If there is no such layer or level.
        """
        for layer in self._layers_until(until):
            layer.trainable = False
        return self

    def unfreeze(self):
        """Lets every layer train again.

        Returns:
            The trunk itself.
        """
        # Over False: on TensorFlow, assigning the value that a model has
        # already does not reach its layers.
        self.trainable = False
        self.trainable = True
        return self

    def _layers_until(self, until):
        if until is None:
            return self.layers
        if until in self.output:
            return keras.Model(self.input, self.output[until]).layers
        names = [layer.name for layer in self.layers]
        require_name(
            until, [*self.output, *names], f"a layer or level of {self.name!r}"
        )
        return self.layers[: names.index(until) + 1]
