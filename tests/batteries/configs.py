"""Config round trips that cannot forget an argument."""

import inspect

import keras

INHERITED = {"self", "kwargs", "args", "name", "dtype", "trainable"}


def declared_arguments(cls):
    """The arguments that mtvision's class declares, with their defaults."""
    owner = next(c for c in cls.__mro__ if "__init__" in vars(c))
    if not owner.__module__.startswith("mtvision."):
        return {}
    parameters = inspect.signature(cls.__init__).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in INHERITED}


def plain(value):
    """A value that `==` compares: objects become their config."""
    if hasattr(value, "get_config"):
        return keras.saving.serialize_keras_object(value)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def check_config(cls, arguments):
    """Revives `cls(**arguments)` from its config and compares attributes.

    `arguments` must give every declared argument a value other than its
    default, or an argument that the config forgets would go unseen.
    """
    for name, default in declared_arguments(cls).items():
        assert name in arguments, f"give {cls.__name__}.{name} a value"
        assert plain(arguments[name]) != plain(default), (
            f"give {cls.__name__}.{name} a value other than its default"
        )
    original = cls(**arguments)
    config = keras.saving.serialize_keras_object(original)
    assert config["registered_name"].startswith("mtvision>"), cls
    revived = keras.saving.deserialize_keras_object(config, safe_mode=True)
    assert type(revived) is cls
    for name in declared_arguments(cls):
        assert plain(getattr(revived, name)) == plain(
            getattr(original, name)
        ), name
    assert plain(revived) == plain(original)
    return original, revived
