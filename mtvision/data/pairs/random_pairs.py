"""Pairs of images drawn from a source of identities."""

import numpy as np

from mtvision.data.label_column import rows_by_label
from mtvision.data.subset import refuse_mixture
from mtvision.ops.option_checks import require_count, require_within


class RandomPairs:
    """A source of pairs of images, which show the same identity or not.

    Identities are drawn alike, whatever the number of their samples, and two
    different samples of each pair; a pair may come again. Pairs that show the
    same are spread evenly. Pair `i` is a pure function of the seed and `i`.
    In `Batches`, `Augment` changes each image by itself.

    A sample has the fields `first_image` and `second_image` (H, W, C), `same`
    () int32, 1 or 0, and, if the source knows its files, `file`, both of them.

    Args:
        source: Any source of samples with an `image` and an identity. Those
            whose identity is not known are in no pair.
        num_pairs: Number of pairs.
        same: Share of the pairs that show the same identity.
        field: Name of the field of the identity.
        seed: Whole number, 0 or more.

    Attributes:
        pairs: Int array (num_pairs, 2), the numbers of the samples.
        classes: `{"same": ["different", "same"]}`.

    Raises:
        ValueError: If an option is out of range, or the source has not enough
            identities, or samples of one, for such pairs.

    Example:

    >>> faces = mtv.data.DrawnFaces("train", num_people=3)
    >>> pairs = RandomPairs(faces, num_pairs=6)
    >>> pairs.column("same").tolist(), sorted(pairs[0])
    ([0, 1, 0, 1, 0, 1], ['first_image', 'same', 'second_image'])
    """

    def __init__(
        self, source, *, num_pairs, same=0.5, field="identity", seed=0
    ):
        refuse_mixture(source, "draw pairs of")
        require_count(num_pairs, 1, "num_pairs")
        require_within(same, 0, 1, "same")
        require_count(seed, 0, "seed")
        self.source = source
        self.num_pairs = num_pairs
        self.same = same
        self.field = field
        self.seed = seed
        self.classes = {"same": ["different", "same"]}
        ends = np.floor(np.arange(num_pairs + 1) * same + 1e-9)
        self._same = np.diff(ends).astype("int32")
        rows, _ = rows_by_label(source, field, "to draw pairs by")
        self._all = list(rows.values())
        self._several = [each for each in self._all if len(each) > 1]
        self._check()
        self.pairs = np.array([self._draw(k) for k in range(num_pairs)])

    def __len__(self):
        return self.num_pairs

    def __getitem__(self, index):
        first, second = (self.source[int(row)] for row in self.pairs[index])
        pair = {
            "first_image": first["image"],
            "second_image": second["image"],
            "same": self._same[index],
        }
        if "file" in first:
            pair["file"] = f"{first['file']} {second['file']}"
        return pair

    def column(self, name):
        """The labels of all pairs, without reading images.

        Args:
            name: `"same"`.

        Returns:
            Int array (num_pairs,).

        Raises:
            ValueError: If it is another name.
        """
        if name != "same":
            raise ValueError(f"Expected the column 'same', received {name!r}.")
        return self._same

    def _check(self):
        if self._same.any() and not self._several:
            raise ValueError(
                f"No {self.field!r} has two samples, so that no pair shows "
                "the same. Pass same=0, or a source with more samples."
            )
        if not self._same.all() and len(self._all) < 2:
            raise ValueError(
                f"All samples have one {self.field!r}, so that each pair "
                "shows the same. Pass same=1, or a source with others."
            )

    def _draw(self, index):
        rng = np.random.default_rng([self.seed, index])
        if self._same[index]:
            rows = self._several[rng.integers(len(self._several))]
            return rng.choice(rows, 2, replace=False)
        both = rng.choice(len(self._all), 2, replace=False)
        return [rng.choice(self._all[k]) for k in both]
