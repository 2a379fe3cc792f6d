"""What a model's outputs look like for images of one size."""

import keras


class SizedOutputs:
    """Symbolic outputs with the sizes that they have for images of one size.

    Those of a model for images of any size are unknown, and a truth of
    another size would be found by a compiled step only.

    Args:
        inputs: List of the model's symbolic inputs.
        outputs: Dict of its symbolic outputs by task.

    Example:

    >>> image = keras.Input((None, None, 3))
    >>> mask = keras.layers.Conv2D(2, 1, strides=2)(image)
    >>> sized = SizedOutputs([image], {"mask": mask})
    >>> sized.of(image_size=(8, 6))["mask"].shape
    (None, 4, 3, 2)
    """

    def __init__(self, inputs, outputs):
        self.inputs = inputs
        self.outputs = outputs
        self._known = {}

    def of(self, image_size=None, volume_size=None):
        """The outputs for images, or volumes, of a size.

        Args:
            image_size: (H, W), or `None` if it is not known.
            volume_size: (D, H, W), likewise.

        Returns:
            Dict of symbolic tensors by task. What is no map, and the maps
            for unknown sizes, are as they were.
        """
        sizes = {4: image_size, 5: volume_size}
        shapes = tuple(_shape(x, sizes.get(len(x.shape))) for x in self.inputs)
        if shapes not in self._known:
            self._known[shapes] = {**self.outputs, **self._sized(shapes)}
        return self._known[shapes]

    def _sized(self, shapes):
        unsized = {k: x for k, x in self.outputs.items() if _is_unsized(x)}
        given = [tuple(x.shape) for x in self.inputs]
        if not unsized or shapes == tuple(given):
            return {}
        inputs = [
            # One sample: a backend that tries the graph makes it of zeros.
            keras.KerasTensor((shape[0] or 1, *shape[1:]), x.dtype)
            for shape, x in zip(shapes, self.inputs)
        ]
        graph = keras.Function(self.inputs, unsized)
        try:
            found = graph.compute_output_spec(inputs)
        except ValueError:
            # The step meets the same, and says more about it.
            return {}
        return {
            name: keras.KerasTensor(
                (x.shape[0], *found[name].shape[1:]), x.dtype
            )
            for name, x in unsized.items()
        }


def _shape(tensor, size):
    """Shape of an input whose unknown sizes are filled in."""
    shape = tuple(tensor.shape)
    if size is None:
        return shape
    inner = [own or other for own, other in zip(shape[1:-1], size)]
    return (shape[0], *inner, shape[-1])


def _is_unsized(tensor):
    """Whether it is maps (B, H, W, ...) of which a size is unknown."""
    return len(tensor.shape) >= 4 and None in tensor.shape[1:-1]
