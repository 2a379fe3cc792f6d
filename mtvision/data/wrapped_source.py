"""What sources that change the samples of another one have in common."""

# What a source tells of its key points; true of any part and change of it.
OF_KEYPOINTS = ("keypoint_names", "flip_pairs", "skeleton")


class WrappedSource:
    """A source of as many samples as another one, which it reads.

    What it does not have itself, such as `files` or `classes`, it takes from
    the other. A subclass gives the samples in `__getitem__`.

    Args:
        source: Any object with `len(source)` and `source[i]`.

    Attributes:
        forwarded: Names of what it takes from the other; `None` for all.
    """

    forwarded = None

    def __init__(self, source):
        self.source = source

    def __len__(self):
        return len(self.source)

    def __getattr__(self, name):
        # Asked only for what is not found here, and so for `source` while a
        # copy is being made.
        everything = self.forwarded is None
        if name == "source" or not (everything or name in self.forwarded):
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}"
            )
        return getattr(self.source, name)

    def sample_without(self, index, field):
        """A sample of the other source, to which a field shall be added.

        Args:
            index: Number of the sample.
            field: Name of the field.

        Returns:
            The sample.

        Raises:
            ValueError: If it has the field.
        """
        sample = self.source[index]
        if field in sample:
            raise ValueError(
                f"Sample {index} has a field {field!r} already. Pass another "
                "name as `field`."
            )
        return sample
