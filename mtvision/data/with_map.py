"""A source whose samples have one more map."""

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.wrapped_source import WrappedSource


class WithMap(WrappedSource):
    """A source with a map added to each sample that follows from another map.

    It is computed whenever a sample is read; `Batches(..., cache=True)` keeps
    what it gives. Whatever else the source has (`files`, `classes`, `column`,
    the shares of a `Mixture`), this has too.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        field: Name of the new field, whose last word is that of a map, such
            as `"normals"` or `"edges"`.
        derive: Function of the other map, which gives the new one, such as
            `edges_of_classes`. Bind options by `functools.partial`.
        of: Name of the other field. Samples where it is `None` have no new
            map, nor have those that lack it while the first sample, or
            `source.fields`, has it.

    Raises:
        ValueError: If `field` is no name of a map; when a sample is read, if
            it has the field already, the source has no field `of`, or
            `derive` gives no map of its size.

    Example:

    >>> source = [{
    ...     "image": np.zeros((1, 3, 3), "uint8"),
    ...     "semantic": np.array([[0, 0, 1]]),
    ... }]
    >>> scenes = WithMap(
    ...     source, "edges", mtv.data.edges_of_classes, of="semantic")
    >>> scenes[0]["edges"].tolist()
    [[0, 1, 1]]
    """

    def __init__(self, source, field, derive, *, of):
        if not callable(derive):
            raise ValueError(
                f"Expected derive as a function of a map, received {derive!r}."
            )
        if fields.last_word(field) not in fields.MAP_WORDS:
            raise ValueError(
                f"Expected field as a name with one of the last words "
                f"{fields.MAP_WORDS}, by which it is known that it moves "
                f"along with the image, received {field!r}."
            )
        super().__init__(source)
        self.field = field
        self.derive = derive
        self.of = of

    def __getitem__(self, index):
        sample = self.sample_without(index, self.field)
        if self.of not in sample:
            self._require_field(index, sample)
        known = sample.get(self.of)
        if known is None:
            return {**sample, self.field: None}
        value = np.asarray(self.derive(known))
        try:
            checks.check_size(self.field, value, np.shape(known))
        except ValueError as error:
            raise ValueError(
                f"Field {self.field!r} derived for sample {index}: {error}"
            ) from None
        return {**sample, self.field: value}

    def _require_field(self, index, sample):
        names = getattr(self.source, "fields", None)
        if names is None:
            names = sample if index == 0 else self.source[0]
        if self.of not in names:
            raise ValueError(
                f"Expected of as a field of the source, {sorted(names)}; "
                f"received {self.of!r}. A sample without a label has None."
            )
