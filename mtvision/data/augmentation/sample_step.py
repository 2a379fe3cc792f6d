"""Base of the steps that make a new sample of several."""

from mtvision.data.augmentation.step import Step


class SampleStep(Step):
    """A step that needs the whole sample, or further samples.

    Args:
        probability: Share of the samples that are changed.

    Example:

    >>> class Both(SampleStep):
    ...     def change_sample(self, sample, generator, *, draw, **_):
    ...         pair = [sample["image"], draw()["image"]]
    ...         return {"image": np.concatenate(pair, axis=1)}
    >>> sample = {"image": np.zeros((4, 4, 3), "uint8")}
    >>> augment = mtv.data.Augment([Both()])
    >>> generator = np.random.default_rng(0)
    >>> both = augment(sample, generator, draw=lambda generator: sample)
    >>> both["image"].shape
    (4, 8, 3)
    """

    def check_field(self, name, value, shape):
        """Raises if the step cannot change a field, which `Batches` asks when
        it is built. Any is allowed here.

        Args:
            name: Name of the field.
            value: Its array in some sample.
            shape: Shape of the image of that sample.

        Raises:
            ValueError: If it cannot.
        """

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
