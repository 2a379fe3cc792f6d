"""Base of the steps that change values of pixels where they are."""

from mtvision.data.augmentation.step import Step


class PixelStep(Step):
    """A step that changes the image, and leaves all labels alone.

    `Augment` applies it to the picture that neighbouring geometric steps give
    as a whole, so that the image is sampled once. Other images of its shape get
    the same change.

    Args:
        probability: Share of the samples that are changed.

    Example:

    >>> class Invert(PixelStep):
    ...     def draw_change(self, generator):
    ...         return lambda image: 255 - image
    >>> sample = {"image": np.zeros((4, 4, 3), "uint8")}
    >>> generator = np.random.default_rng(0)
    >>> augmented = mtv.data.Augment([Invert()])(sample, generator)
    >>> int(augmented["image"].min())
    255
    """

    def draw_change(self, generator):
        """Draws a change.

        Args:
            generator: numpy Generator.

        Returns:
            A function from an image (H, W, C) to a new one.
        """
        raise NotImplementedError
