"""Base of the steps that move pixels."""

from mtvision.data.augmentation.step import Step


class GeometricStep(Step):
    """A step that says where each pixel goes.

    `Augment` multiplies the matrices of neighbouring steps, and samples the
    image once.

    Args:
        probability: Share of the samples that are changed.

    Example:

    >>> class Double(GeometricStep):
    ...     def draw_matrix(self, shape, generator, *, size):
    ...         return np.diag([2.0, 2, 1]), [2 * side for side in shape]
    >>> sample = {"image": np.zeros((4, 4, 3), "uint8")}
    >>> generator = np.random.default_rng(0)
    >>> mtv.data.Augment([Double()])(sample, generator)["image"].shape
    (8, 8, 3)
    """

    def draw_matrix(self, shape, generator, *, size):
        """Draws a map of the plane.

        Args:
            shape: (height, width) of the image before the step.
            generator: numpy Generator.
            size: (height, width) of the result after all steps, or None.

        Returns:
            A matrix (3, 3) from old to new pixel coordinates (x, y, 1), whose
            last row is 0, 0, 1; and (height, width) of the new image.
        """
        raise NotImplementedError
