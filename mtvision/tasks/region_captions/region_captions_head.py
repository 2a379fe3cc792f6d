"""Head that writes a phrase for each region."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import box_iou, finite_boxes
from mtvision.ops.detections import take_rows
from mtvision.ops.exporting import argmax
from mtvision.ops.option_checks import require_count, require_up_to_one
from mtvision.ops.shapes import require_rank
from mtvision.tasks.region_captions.columns import join, row_shape

# The number of words that are not in the vocabulary.
UNKNOWN = 1


@keras.saving.register_keras_serializable(package="mtvision")
class RegionCaptionsHead(layers.Layer):
    """A recurrent network that says, word by word, what a region shows.

    First it reads the region's features, then a sign for the start, then
    word after word; from there on it gives the logits of the next word. Which
    word it reads is its own, most probable one; but the true one where boxes
    with phrases are given, and a region overlaps one of them. They are inputs
    of the model, in training.

    Words are numbers as `mtvision.data.Vocabulary` gives them: 0 ends a
    phrase, 1 is a word that is not known.

    Args:
        vocabulary_size: V, the end and the unknown word included.
        max_length: L, most words of a phrase.
        units: Size of the recurrent state.
        embedding: Size of what is read at each step.
        min_overlap: IoU with a box from which on its phrase is read.

    Call:
        features: Tensor (B, R, D), as `RegionTower` gives it.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.
        proposals: `None`, or tensor (B, P, 4) of boxes, zeros in padding.
        phrases: `None`, or integers (B, P, L), the phrases of these boxes,
            zeros where there is none.

    Returns:
        Rows (B, R, L + 1, V), float32: logits of the words at each of the L
        places, and behind them the region in the first four numbers of a
        place of its own (of two, if V is 3).

    Raises:
        ValueError: If an option is out of range, or only one of `proposals`
            and `phrases` is given.

    Example:

    >>> features, regions = keras.ops.ones((2, 5, 8)), np.ones((2, 5, 4))
    >>> head = RegionCaptionsHead(26, 8, units=16, embedding=8)
    >>> tuple(head(features, regions).shape)
    (2, 5, 9, 26)

    Reference:
        Johnson, Karpathy and Li, DenseCap, 2016.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionCaptionsLoss",)

    def __init__(
        self,
        vocabulary_size,
        max_length,
        *,
        units=512,
        embedding=512,
        min_overlap=0.5,
        **kwargs,
    ):
        super().__init__(**{**kwargs, "autocast": False})
        require_count(vocabulary_size, 3, "vocabulary_size")
        require_count(max_length, 1, "max_length")
        require_count(units, 1, "units")
        require_count(embedding, 1, "embedding")
        require_up_to_one(min_overlap, "min_overlap")
        self.vocabulary_size = vocabulary_size
        self.max_length = max_length
        self.units = units
        self.embedding = embedding
        self.min_overlap = min_overlap
        policy = {"dtype": self.dtype_policy}
        self.look = layers.Dense(
            embedding, activation="relu", name="look", **policy
        )
        # The last row is the sign for the start.
        self.words = layers.Embedding(
            vocabulary_size + 1, embedding, name="words", **policy
        )
        self.cell = layers.LSTMCell(units, name="cell", **policy)
        self.logits = layers.Dense(
            vocabulary_size, dtype="float32", name="logits"
        )

    @property
    def start(self):
        """The number of the sign for the start."""
        return self.vocabulary_size

    def build(
        self,
        features_shape,
        regions_shape=None,
        proposals_shape=None,
        phrases_shape=None,
    ):
        """Creates the weights."""
        require_rank(features_shape, 3, "features (B, R, D)")
        self.look.build((None, features_shape[-1]))
        self.words.build((None,))
        self.cell.build((None, self.embedding))
        self.logits.build((None, self.units))

    def begin(self, features):
        """The states after the features were read.

        Args:
            features: Tensor (N, D).

        Returns:
            List of tensors (N, units).
        """
        x = self.look(features)
        zeros = ops.zeros((ops.shape(x)[0], self.units), dtype=x.dtype)
        return self.cell(x, [zeros, zeros])[1]

    def read(self, words, states):
        """Reads a word.

        Args:
            words: Integers (N,).
            states: List of tensors (N, units).

        Returns:
            `(logits, states)`: (N, V), float32, of the next word, and the
            states.
        """
        x, states = self.cell(self.words(words), states)
        return self.logits(x), states

    def call(self, features, regions, proposals=None, phrases=None):
        """Returns the rows of all regions."""
        self._require_both(proposals, phrases)
        states = self.begin(ops.reshape(features, (-1, features.shape[-1])))
        taught = None
        if phrases is not None:
            taught = self._phrases_of(regions, proposals, phrases)
            taught = ops.reshape(taught, (-1, self.max_length))
        words = ops.full((ops.shape(states[0])[0],), self.start, dtype="int32")
        rows = []
        for step in range(self.max_length):
            logits, states = self.read(words, states)
            rows.append(logits)
            words = argmax(logits)
            if taught is not None:
                given = taught[:, step]
                words = ops.where(given >= 0, given, words)
        shape = (*ops.shape(features)[:2], self.max_length)
        logits = ops.stack(rows, axis=1)
        logits = ops.reshape(logits, (*shape, self.vocabulary_size))
        return join(logits, regions)

    def compute_output_spec(
        self, features, regions, proposals=None, phrases=None
    ):
        """Returns the shape and dtype of the rows."""
        self._require_both(proposals, phrases)
        words = row_shape(self.max_length, self.vocabulary_size)
        shape = (*features.shape[:2], *words)
        return keras.KerasTensor(shape, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "max_length": self.max_length,
            "units": self.units,
            "embedding": self.embedding,
            "min_overlap": self.min_overlap,
        }

    def _phrases_of(self, regions, proposals, phrases):
        """The phrases (B, R, L) that regions are to read, -1 for none."""
        phrases = ops.maximum(ops.cast(phrases, "int32"), 0)
        phrases = ops.where(phrases < self.vocabulary_size, phrases, UNKNOWN)
        overlap = box_iou(finite_boxes(regions), finite_boxes(proposals))
        has_phrase = ops.any(phrases > 0, axis=-1)
        overlap = ops.where(ops.expand_dims(has_phrase, 1), overlap, 0.0)
        own = take_rows(phrases, ops.argmax(overlap, axis=-1))
        near = ops.max(overlap, axis=-1, keepdims=True) >= self.min_overlap
        return ops.where(near, own, -1)

    def _require_both(self, proposals, phrases):
        if (proposals is None) != (phrases is None):
            raise ValueError(
                f"{self.name} expects proposals (B, P, 4) and phrases "
                "(B, P, L) together, or neither; received only "
                f"{'phrases' if proposals is None else 'proposals'}."
            )
        if phrases is None:
            return
        shapes = tuple(proposals.shape), tuple(phrases.shape)
        pairs = zip(shapes[0][:2], shapes[1][:2])
        fits = len(shapes[0]) == len(shapes[1]) == 3 and (
            shapes[1][2] == self.max_length
            and all(a == b for a, b in pairs if None not in (a, b))
        )
        if not fits:
            raise ValueError(
                f"{self.name} expects proposals (B, P, 4) and phrases "
                f"(B, P, {self.max_length}), received shapes {shapes[0]} and "
                f"{shapes[1]}."
            )
