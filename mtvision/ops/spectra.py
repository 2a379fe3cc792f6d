"""Small symmetric systems by their eigenvalues, singular ones too."""

from keras import ops

from mtvision.ops.gram import machine_epsilon, product


def eigen(matrix, *, epsilon=None):
    """Eigenvalues, and which of them are not 0.

    Args:
        matrix: Tensor (T, T), symmetric, no eigenvalue below 0.
        epsilon: Number: an eigenvalue up to T times this share of the
            largest counts as 0. `None` for 16 times what the type can tell.

    Returns:
        values: Tensor (T,), rising.
        vectors: Tensor (T, T), in columns.
        kept: Bool tensor (T,).

    Example:

    >>> values, _, kept = eigen(np.ones((2, 2)))
    >>> [bool(v) for v in kept]
    [False, True]
    """
    values, vectors = ops.eigh(matrix)
    if epsilon is None:
        epsilon = 16 * machine_epsilon(ops.dtype(values))
    least = matrix.shape[0] * epsilon * values[-1]
    return values, vectors, (values > least) & (values > 0)


def smallest_solution(matrix, right):
    """The shortest x that comes closest to solving `matrix x = right`.

    Args:
        matrix: Tensor (T, T), symmetric, no eigenvalue below 0.
        right: Tensor (T,).

    Returns:
        Tensor (T,), and whether the matrix has full rank.

    Example:

    >>> x, regular = smallest_solution(np.ones((2, 2)), np.array([2.0, 2.0]))
    >>> [round(float(value), 3) for value in x], bool(regular)
    ([1.0, 1.0], False)
    """
    values, vectors, kept = eigen(matrix)
    parts = ops.sum(vectors * right[:, None], axis=0)
    parts = ops.where(kept, parts / ops.where(kept, values, 1.0), 0.0)
    return ops.sum(vectors * parts, axis=1), ops.all(kept)


def equal_projections(gram, cosine, norms, active):
    """Weights whose sum of gradients has the same component along each.

    Args:
        gram: Tensor (T, T), inner products of the gradients.
        cosine: Tensor (T, T), and
        norms: Tensor (T,), as `mtvision.ops.gram.cosines` gives them.
        active: Bool tensor (T,).

    Returns:
        Tensor (T,), of any sign and scale. Where no sum has equal
        components, the shortest weights that come closest.
    """
    part = active & (ops.diagonal(cosine) > 0.5)
    both = part[:, None] & part
    one = ops.cast(part, cosine.dtype)
    full = ops.where(both, cosine, ops.eye(one.shape[0], dtype=one.dtype))
    lengths, regular = smallest_solution(full, one)
    largest = ops.max(norms)
    closest, _ = smallest_solution(
        ops.where(both, gram, 0.0) / ops.square(largest), one * norms / largest
    )
    weights = ops.where(regular, lengths * largest / norms, closest)
    return ops.where(part, weights, 0.0)


def aligned_weights(gram, active, *, scale):
    """Weights of gradients that are made orthogonal and equally long.

    Args:
        gram: Tensor (T, T), inner products of the gradients.
        active: Bool tensor (T,).
        scale: `"min"`, `"median"` or `"rmse"`: the common length is the
            root of the smallest, the lower median, or the mean eigenvalue.

    Returns:
        Tensor (T,).
    """
    # Below the rounding of float32, in which gradients come.
    values, vectors, kept = eigen(gram, epsilon=2.0**-23)
    count = ops.sum(ops.cast(kept, "int32"))
    if scale == "rmse":
        total = ops.sum(ops.where(kept, values, 0.0))
        common = total / ops.cast(ops.where(count > 0, count, 1), total.dtype)
    else:
        place = 0 if scale == "min" else ops.where(count > 0, count - 1, 0) // 2
        place = gram.shape[0] - count + place
        common = ops.sum(ops.where(_is_at(place, values), values, 0.0))
    parts = product(ops.cast(active, values.dtype), ops.transpose(vectors))
    parts = parts / ops.sqrt(ops.where(kept, values, 1.0))
    parts = ops.where(kept, parts, 0.0) * ops.sqrt(ops.relu(common))
    return ops.sum(vectors * parts, axis=1)


def _is_at(place, values):
    return ops.arange(values.shape[0], dtype="int32") == place
