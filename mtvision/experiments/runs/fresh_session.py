"""Keras as at the start of a process, with the settings of this one."""

import keras


def fresh_session(seed):
    """Frees the models before, counts names anew, and seeds all numbers.

    Without it the second model's `AUC()` would be logged as `auc_1`. Keras'
    `clear_session` alone would also drop what the user has set: the dtype
    policy, the distribution, flash attention and the filtering of tracebacks.

    Args:
        seed: Whole number for `keras.utils.set_random_seed`.

    Example:

    >>> names = []
    >>> for _ in range(2):
    ...     fresh_session(seed=0)
    ...     names.append(keras.metrics.AUC().name)
    >>> names
    ['auc', 'auc']
    """
    policy = keras.config.dtype_policy()
    distribution = keras.distribution.distribution()
    flash = keras.config.is_flash_attention_enabled()
    filtering = keras.config.is_traceback_filtering_enabled()
    keras.backend.clear_session()
    keras.config.set_dtype_policy(policy)
    if distribution is not None:
        keras.distribution.set_distribution(distribution)
    if flash is False:
        keras.config.disable_flash_attention()
    if not filtering:
        keras.config.disable_traceback_filtering()
    keras.utils.set_random_seed(seed)
