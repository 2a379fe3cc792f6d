"""Base of the steps that change values of pixels where they are."""

from mtvision.data.augmentation.step import Step


class PixelStep(Step):
    """A step that changes the image, and leaves all labels alone.

    `Augment` applies it to the picture that neighbouring geometric steps give
    as a whole, so that the image is sampled once. Other images of its shape get
    the same change.
    """

    def draw_change(self, generator):
        """Draws a change.

        Args:
            generator: numpy Generator.

        Returns:
            A function from an image (H, W, C) to a new one.
        """
        raise NotImplementedError
