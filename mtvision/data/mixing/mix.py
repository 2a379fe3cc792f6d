"""Data sets with labels of different kinds, mixed into one."""

import numbers
import warnings

import numpy as np

from mtvision.data.fields import last_word
from mtvision.data.hints import hint
from mtvision.data.mixing.mixture import Mixture
from mtvision.data.mixing.probing import known_fields
from mtvision.data.mixing.schedule import even_schedule, tempered_shares
from mtvision.data.mixing.translated import Translated

# Last words of the fields that hold class numbers.
CLASS_WORDS = ("classes", "semantic", "label", "mask")


def mix(
    sources,
    *,
    weights=None,
    temperature=1.0,
    classes=None,
    class_maps=None,
    epoch_size=None,
):
    """Mixes data sets that are labelled for different tasks.

    What a sample lacks is missing: its task has weight 0 there. Data sets are
    spread evenly, so that each batch has its share of each, up to one sample.

    Args:
        sources: Dict of sources by name, objects with `len(source)` and
            `source[i]`.
        weights: Dict from name to how often its samples come, in any unit:
            `{"boxes": 2, "masks": 1, "scenes": 1}` gives every batch of 8
            four, two and two. `None` for the numbers of their samples.
        temperature: Without weights: the numbers of samples to the power of
            `1 / temperature`, so that small sets come more often; 1 for the
            numbers themselves, `float("inf")` for all alike.
        classes: Dict from a field to the list of classes that all are to
            have, where their own differ; see `Translated`.
        class_maps: Dict from source to a dict from field to a dict from the
            source's class names to those of `classes`, or to `None`.
        epoch_size: Number of samples of an epoch of training; by default as
            many as there are in all.

    Returns:
        A `Mixture`, a source for `Batches`.

    Raises:
        ValueError: If there is no source, one is empty or unknown, weights
            are malformed, a source would never come in an epoch, or sources
            number their classes differently.

    Example:

    >>> image = np.zeros((8, 8, 3), "uint8")
    >>> mixed = mix(
    ...     {
    ...         "scenes": [{"image": image, "label": 1}] * 10,
    ...         "maps": [{"image": image, "semantic": image[..., 0]}] * 2,
    ...     },
    ...     weights={"scenes": 1, "maps": 1},
    ... )
    >>> batches = mtv.data.Batches(
    ...     mixed, {"scene": "label", "map": "semantic"}, batch_size=4,
    ...     shuffle=True,
    ... )
    >>> _, _, sample_weights = batches[0]
    >>> sample_weights["scene"].tolist(), sample_weights["map"].tolist()
    ([1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0])

    Reference:
        The temperature: Raffel et al., T5, 2020.
    """
    _check_sources(sources)
    options = {"weights": weights, "classes": classes, "class_maps": class_maps}
    for argument, given in options.items():
        if not isinstance(given, dict | None):
            raise ValueError(
                f"Expected {argument} as a dict, by the names of the sources "
                f"or fields, received {given!r}."
            )
    translated = _translate(sources, classes or {}, class_maps or {})
    _check_label_spaces(translated)
    _warn_of_nameless_classes(translated)
    sizes = [len(source) for source in sources.values()]
    chosen = {
        "weights": weights is not None,
        "temperature": temperature != 1,
        "epoch_size": epoch_size is not None,
    }
    chosen = [name for name, given in chosen.items() if given]
    if epoch_size is None:
        epoch_size = sum(sizes)
    whole = isinstance(epoch_size, numbers.Integral)
    if not whole or isinstance(epoch_size, bool) or epoch_size < 1:
        raise ValueError(
            "Expected epoch_size as a whole number of 1 or more, received "
            f"{epoch_size!r}."
        )
    shares = _shares(sources, sizes, weights, temperature)
    _check_that_all_come(sources, shares, epoch_size, weights)
    return Mixture(translated, shares, epoch_size, chosen=chosen)


def _check_sources(sources):
    if not isinstance(sources, dict):
        raise ValueError(
            "Expected sources as a dict from name to source, received "
            f"{type(sources).__name__}."
        )
    if not sources:
        raise ValueError(
            "Expected sources as a dict from name to source, received none."
        )
    for name, source in sources.items():
        if not hasattr(source, "__getitem__") or not hasattr(source, "__len__"):
            raise ValueError(
                f"{name!r}: expected a source with len(source) and source[i], "
                f"received {type(source).__name__}."
            )
        if len(source) == 0:
            raise ValueError(f"The source {name!r} is empty.")
        if hasattr(source, "epoch_rows"):
            raise ValueError(
                f"{name!r} is a mixture already: its shares would be lost. "
                "Mix all sources at once, in one dict."
            )


def _check_that_all_come(sources, shares, size, weights):
    """Raises if an epoch has no place for a source: none would have, as all
    have the same places.
    """
    counts = np.bincount(even_schedule(shares, size), minlength=len(shares))
    for name, share, count in zip(sources, shares, counts):
        if count:
            continue
        remedies = []
        if share > 1e-9:
            remedies.append(f"epoch_size={int(np.ceil(1 / share))}")
        if weights is None:
            remedies.append("a higher temperature")
        elif size > 1:
            rest = sum(weights[other] for other in sources if other != name)
            remedies.append(f"a weight of {rest / (size - 1):.3g} or more")
        raise ValueError(
            f"The source {name!r} would never come: its share of {share:.2g} "
            f"of an epoch of {size} samples is less than one. Pass "
            f"{' or '.join(remedies)}."
        )


def _translate(sources, classes, class_maps):
    _check_names("class_maps", class_maps, sources)
    fields = {
        name: set(known_fields(source, classes)[0])
        for name, source in sources.items()
    }
    for field in classes:
        if not any(field in known for known in fields.values()):
            raise ValueError(
                f"classes names the field {field!r}, which no source has: "
                f"{fields}."
            )
    translated = {}
    for name, source in sources.items():
        here = {k: v for k, v in classes.items() if k in fields[name]}
        maps = class_maps.get(name, {})
        translated[name] = source
        if here or maps:
            try:
                translated[name] = Translated(
                    source, classes=here, class_maps=maps
                )
            except ValueError as error:
                raise ValueError(f"Source {name!r}: {error}") from None
    return translated


def _check_label_spaces(sources):
    known = {}
    for name, source in sources.items():
        for field, names in (getattr(source, "classes", None) or {}).items():
            other, expected = known.setdefault(field, (name, list(names)))
            if list(names) != expected:
                raise ValueError(
                    f"The sources {other!r} and {name!r} number the classes "
                    f"of {field!r} differently: {expected} and {list(names)}. "
                    f"If they mean the same, pass classes={{{field!r}: [...]}} "
                    "and class_maps; if not, rename the field of one: "
                    f"mtvision.data.Translated(source, rename={{{field!r}: "
                    f"'{name}_{field}'}})."
                )


def _warn_of_nameless_classes(sources):
    """Warns where it cannot be known whether class numbers mean the same."""
    having = {}
    for name, source in sources.items():
        named = getattr(source, "classes", None) or {}
        for field, value in known_fields(source)[0].items():
            if last_word(field) in CLASS_WORDS and value is not None:
                having.setdefault(field, {})[name] = field in named
    for field, known in having.items():
        if len(known) > 1 and not all(known.values()):
            nameless = [name for name, named in known.items() if not named]
            warnings.warn(
                f"The sources {list(known)} have the field {field!r}, but "
                f"{nameless} give no names of its classes: their numbers are "
                "taken to mean the same. If they do not, rename the field of "
                "one, or give names: mtvision.data.Translated(source, "
                f"own_classes={{{field!r}: [...]}}).",
                stacklevel=3,
            )


def _shares(sources, sizes, weights, temperature):
    if weights is None:
        if not isinstance(temperature, numbers.Real) or not temperature > 0:
            raise ValueError(
                "Expected temperature as a number above 0, received "
                f"{temperature!r}."
            )
        return tempered_shares(sizes, temperature)
    if temperature != 1:
        raise ValueError("Expected weights or a temperature, received both.")
    _check_names("weights", weights, sources)
    for name in sources:
        weight = weights.get(name)
        sound = isinstance(weight, numbers.Real) and 0 < weight < np.inf
        if not sound:
            raise ValueError(
                "Expected weights to have a number above 0 for each source, "
                f"received {weight!r} for {name!r}. Leave out a source that "
                "is not to come."
            )
    given = np.array([weights[name] for name in sources], "float64")
    given = given / given.max()
    return given / given.sum()


def _check_names(argument, given, sources):
    for name in given:
        if name not in sources:
            raise ValueError(
                f"{argument} names the source {name!r}, which does not exist: "
                f"{sorted(sources)}.{hint(name, sources)}"
            )
