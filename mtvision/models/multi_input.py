"""Pictures, texts and vectors of one sample, in one model."""

import keras
from keras import layers

from mtvision.layers import FillMissing, MaskMissing
from mtvision.models.assembly import require_new_tasks
from mtvision.ops.option_checks import require_count, require_share
from mtvision.ops.pyramids import level_stride
from mtvision.training import MultiTaskModel


def MultiInput(
    encoders,
    heads,
    *,
    missing_rate=None,
    hidden=(),
    dropout=0.0,
    name="multi_input",
):
    """Encodes each input, joins the vectors, and asks several heads.

    The joined vector is learned by all tasks together. With a single encoder
    it is a model of several outputs only, such as a text's.

    Args:
        encoders: Dict from the name of an input to a functional model of it,
            such as `mtvision.trunks.TextNet`, a trunk, or `keras.Sequential`
            that begins with `keras.Input`. It gives vectors (B, D), a map
            (B, h, w, D), or a pyramid, whose coarsest map is taken; maps are
            averaged.
        heads: Dict from tasks to layers that are called on the joined vector.
        missing_rate: `None` if every sample has every input. Otherwise the
            model takes samples that lack inputs, NaN all over, or -1 all over
            for integers: they get a learned vector in place of what the
            encoder would give. A number is the probability with which
            training takes each input away, 0 to learn from samples that lack
            it by themselves; a dict from inputs to such numbers leaves the
            others indispensable. An encoder sees zeros where its input is
            missing, also in the statistics of BatchNorm.
        hidden: Units of ReLU layers between the joined vector and the heads.
        dropout: Share of the joined vector dropped in training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, whose inputs are a dict.

    Raises:
        ValueError: If an encoder is no functional model of one input, a head
            is no layer, or an option is out of range.

    Example:

    >>> model = MultiInput(
    ...     {
    ...         "image": mtv.trunks.SmallResNet((4, 4, 4, 4)),
    ...         "text": mtv.trunks.TextNet(20, filters=(8,)),
    ...         "facts": keras.Sequential(
    ...             [keras.Input((3,)), keras.layers.Dense(8, "relu")]
    ...         ),
    ...     },
    ...     {"price": mtv.tasks.RegressionHead()},
    ...     missing_rate=0.2,
    ... )
    >>> model.compile("adam", {"price": "mse"})
    >>> sorted(model.input), sorted(model.optional_inputs)
    (['facts', 'image', 'text'], ['facts', 'image', 'text'])

    Reference:
        Neverova et al., ModDrop: adaptive multi-modal gesture recognition,
        2014 (taking inputs away).
    """
    _require_encoders(encoders)
    require_new_tasks(heads, ())
    rates = _rates(missing_rate, encoders)
    inputs, vectors = {}, []
    for key, encoder in encoders.items():
        symbol = encoder.inputs[0]
        inputs[key] = keras.Input(
            symbol.shape[1:], dtype=symbol.dtype, name=key
        )
        vectors.append(_encode(inputs[key], encoder, key, rates.get(key)))
    x = vectors[0]
    if len(vectors) > 1:
        x = layers.Concatenate(name="joined")(vectors)
    for number, units in enumerate(hidden):
        require_count(units, 1, "hidden")
        x = layers.Dense(units, activation="relu", name=f"hidden{number}")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    outputs = {task: head(x) for task, head in heads.items()}
    return MultiTaskModel(inputs, outputs, name=name)


def _encode(x, encoder, key, rate):
    """The vector of one input."""
    known = None
    if rate is not None:
        x, known = MaskMissing(rate=rate, name=f"{key}_known")(x)
    x = encoder(x)
    if isinstance(x, dict):
        x = x[max(x, key=level_stride)]
    if len(x.shape) == 4:
        x = layers.GlobalAveragePooling2D(name=f"{key}_pool")(x)
    if len(x.shape) != 2:
        raise ValueError(
            f"The encoder of {key!r} gives {tuple(x.shape)}, expected vectors "
            "(B, D), a map (B, h, w, D) or a pyramid of maps. Let it end with "
            "a pooling."
        )
    if known is None:
        return x
    return FillMissing(name=f"{key}_filled")(x, known)


def _require_encoders(encoders):
    if not isinstance(encoders, dict) or not encoders:
        raise ValueError(
            "Expected encoders as a dict from inputs to functional models, "
            f"received {encoders!r}."
        )
    for key, encoder in encoders.items():
        try:
            number = len(encoder.inputs)
        except (AttributeError, ValueError, TypeError):
            number = 0
        if number != 1:
            raise ValueError(
                f"Expected encoders[{key!r}] as a functional model of one "
                f"input, received {encoder!r}. A Sequential needs a "
                "keras.Input as its first layer."
            )


def _rates(missing_rate, encoders):
    """Dict of the rates of those inputs that may be missing."""
    if missing_rate is None:
        return {}
    rates = missing_rate
    if not isinstance(rates, dict):
        rates = dict.fromkeys(encoders, missing_rate)
    unknown = sorted(set(rates) - set(encoders), key=str)
    if unknown:
        raise ValueError(
            f"missing_rate names {unknown}, which are no inputs: "
            f"{sorted(encoders)}."
        )
    for key, rate in rates.items():
        require_share(rate, f"missing_rate of {key!r}")
    return rates
