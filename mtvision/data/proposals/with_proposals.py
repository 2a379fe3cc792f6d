"""A source whose samples have proposals."""

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.wrapped_source import WrappedSource


class WithProposals(WrappedSource):
    """A source with proposals of boxes added to each sample.

    They are found when a sample is first read, and kept: an image's 2000
    boxes take 32 kB. As a field of boxes they move along when `Batches`
    resizes and changes the image. Whatever else the source has (`files`,
    `classes`, `column`, the shares of a `Mixture`), this has too.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        propose: Function of an image (H, W, C), which gives boxes (P, 4),
            xyxy in pixels, with zeros in rows of padding, such as
            `selective_search` or `edge_boxes`.
        field: Name of the new field, which is one of boxes.

    Raises:
        ValueError: If `field` is no name of boxes; when a sample is read, if
            it has the field already, or `propose` gives something else.

    Example:

    >>> source = [{"image": np.zeros((32, 32, 3), "uint8")}]
    >>> whole = lambda image: np.array([[0, 0, 32, 32], [0, 0, 0, 0]])
    >>> WithProposals(source, whole)[0]["proposal_boxes"].tolist()
    [[0.0, 0.0, 32.0, 32.0]]
    """

    def __init__(self, source, propose, *, field="proposal_boxes"):
        if not callable(propose):
            raise ValueError(
                "Expected propose as a function of an image, received "
                f"{propose!r}."
            )
        if fields.last_word(field) != "boxes":
            raise ValueError(
                "Expected field as a name with the last word 'boxes', by "
                "which it is known that they move along with the image: "
                f"'proposal_boxes', received {field!r}."
            )
        super().__init__(source)
        self.propose = propose
        self.field = field
        self._found = {}

    def __getitem__(self, index):
        sample = self.sample_without(index, self.field)
        if sample.get("image") is None:
            return {**sample, self.field: None}
        # Two threads may both look at an image: they find the same.
        if index not in self._found:
            self._found[index] = self._find(sample["image"], index)
        return {**sample, self.field: self._found[index].copy()}

    def _find(self, image, index):
        boxes = np.asarray(self.propose(image))
        try:
            checks.check_boxes_shape(boxes)
        except ValueError as error:
            raise ValueError(f"Proposals of sample {index}: {error}") from None
        boxes = boxes.reshape(-1, 4).astype("float32")
        return boxes[boxes.any(axis=-1)]
