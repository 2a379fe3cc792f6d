"""A source without its defects."""

from mtvision.data.checking.mended import Mended
from mtvision.data.mixing.mixture import Mixture
from mtvision.data.subset import Subset


def cleaned(source, to_mend, dropped, known):
    """A source without its defects.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        to_mend: Numbers of the samples to mend when they are read.
        dropped: Numbers of the samples to leave out.
        known: Dict from field to number of classes.

    Returns:
        The source itself where nothing is wrong, or one in front of it. Of a
        `Mixture` the sources are cleaned, so that it is a mixture still, of
        the same shares; a source of which nothing is left is taken out.

    Example:

    >>> len(cleaned("abc", [], {1}, {}))
    2
    """
    if isinstance(source, Mixture) and (to_mend or dropped):
        return _cleaned_mixture(source, to_mend, dropped, known)
    number = len(source)
    if to_mend:
        source = Mended(source, to_mend, known)
    if dropped:
        source = Subset(source, [k for k in range(number) if k not in dropped])
    return source


def _cleaned_mixture(mixture, to_mend, dropped, known):
    sources = {}
    for start, (name, source) in zip(mixture.starts, mixture.sources.items()):
        own = range(start, start + len(source))
        sources[name] = cleaned(
            source,
            [k - start for k in to_mend if k in own],
            {k - start for k in dropped if k in own},
            known,
        )
    return mixture.of_sources(sources)
