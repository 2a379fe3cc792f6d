"""Base of the steps that make a new sample of several."""

from mtvision.data.augmentation.step import Step


class SampleStep(Step):
    """A step that needs the whole sample, or further samples."""

    def change_sample(self, sample, generator, *, size, draw, warp):
        """Makes a new sample.

        Args:
            sample: Dict of arrays.
            generator: numpy Generator.
            size: (height, width) of the result after all steps, or None.
            draw: Function without arguments that gives another sample, changed
                by the steps before this one.
            warp: `warp_sample` with the options of `Augment`: called with a
                sample, a matrix and a size.

        Returns:
            A new dict.
        """
        raise NotImplementedError
