"""Focal loss of heat maps."""

from keras import ops


def heat_map_focal(heat, logits, *, alpha=2.0, beta=4.0):
    """Focal loss that forgives cells near a peak.

    `-(1 - p) ** alpha log p` where the map is 1, and elsewhere
    `-(1 - heat) ** beta p ** alpha log(1 - p)`, computed from the logits so
    that it is exact for any of them.

    Args:
        heat: Tensor (...), from 0 to 1, exactly 1 at points.
        logits: Tensor (...).
        alpha: How much less a cell counts that is nearly right.
        beta: How much less a cell counts that is near a point.

    Returns:
        Tensor (...), float32.

    Raises:
        ValueError: If `alpha` or `beta` is negative.

    Example:

    >>> values = heat_map_focal([1.0, 0.5, 0.0], [0.0, 0.0, 0.0])
    >>> [round(float(v), 4) for v in values]
    [0.1733, 0.0108, 0.1733]

    Reference:
        Law and Deng, CornerNet, 2018.
    """
    require_powers(alpha, beta)
    heat = ops.cast(heat, "float32")
    logits = ops.cast(logits, "float32")
    is_point = heat >= 1
    margin = ops.where(is_point, -logits, logits)
    weight = ops.where(is_point, 1.0, _power(1 - heat, beta))
    return weight * _power(ops.sigmoid(margin), alpha) * ops.softplus(margin)


def require_powers(alpha, beta):
    """Raises unless the numbers make a focal loss of heat maps.

    Args:
        alpha: Number.
        beta: Number.

    Raises:
        ValueError: If one is negative.

    Example:

    >>> require_powers(2.0, 4.0)
    """
    if not (alpha >= 0 and beta >= 0):
        raise ValueError(
            f"Expected alpha and beta of 0 or more, received alpha={alpha}, "
            f"beta={beta}."
        )


def _power(base, exponent):
    if exponent == int(exponent) and 0 < exponent <= 4:
        # Repeated products: the slope of a power at 0 would be NaN.
        result = base
        for _ in range(int(exponent) - 1):
            result = result * base
        return result
    if exponent == 0:
        return ops.ones_like(base)
    return ops.power(ops.maximum(base, 1e-30), exponent)
