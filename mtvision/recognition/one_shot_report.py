"""How well a gallery of one face a person knows others, and strangers."""

import numpy as np

from mtvision.ops.arrays import as_array
from mtvision.recognition.gallery import Gallery


def one_shot_report(embeddings, identities, *, threshold, known=None):
    """Takes one face of some people into a gallery, and asks for all others.

    Args:
        embeddings: Array (N, D).
        identities: Array (N,) of whole numbers; negative ones do not count.
        threshold: As for `Gallery`.
        known: Identities whose first face is taken in; by default every
            second one, so that half of the people are strangers.

    Returns:
        Dict of shares: `"known"`, the other faces of the people of the
        gallery that are given the right name; `"strangers"`, the faces of the
        others that are found not to be in the database; `"mean"` of both.

    Raises:
        ValueError: If the shapes do not fit, or there is no face of the
            known, or none of strangers, to ask for.

    Example:

    >>> faces = np.array([[0.0], [0.1], [5.0], [9.0], [9.6]])
    >>> report = one_shot_report(faces, [1, 1, 2, 3, 3], threshold=0.3)
    >>> {name: float(share) for name, share in report.items()}
    {'known': 0.5, 'strangers': 1.0, 'mean': 0.75}
    """
    embeddings = as_array(embeddings)
    identities = as_array(identities).reshape(-1)
    if embeddings.ndim != 2 or len(embeddings) != len(identities):
        raise ValueError(
            "Expected embeddings (N, D) and N identities, received the shapes "
            f"{embeddings.shape} and {identities.shape}."
        )
    people, first = np.unique(identities, return_index=True)
    first = dict(zip(people[people >= 0], first[people >= 0]))
    known = list(first)[::2] if known is None else list(known)
    if not known or not set(known) <= set(first):
        raise ValueError(
            f"Expected known identities among those of the faces, {len(first)} "
            f"people; received {known}."
        )
    gallery = Gallery(embeddings.shape[1], threshold=threshold)
    for person in known:
        # Of one face each, it shows in the report who is mistaken for whom.
        gallery.add(str(person), embeddings[first[person]], force=True)
    asked = identities >= 0
    asked[[first[person] for person in known]] = False
    truth = identities[asked]
    is_known = np.isin(truth, known)
    if not is_known.any() or is_known.all():
        raise ValueError(
            f"Expected further faces of the {len(known)} known people, and "
            f"faces of strangers; there are {int(is_known.sum())} and "
            f"{int((~is_known).sum())}."
        )
    names = [found.name for found in gallery.identify(embeddings[asked])]
    expected = [str(p) if k else None for p, k in zip(truth, is_known)]
    right = np.array([a == b for a, b in zip(names, expected)])
    shares = {"known": right[is_known], "strangers": right[~is_known]}
    shares = {name: float(each.mean()) for name, each in shares.items()}
    return {**shares, "mean": sum(shares.values()) / 2}
