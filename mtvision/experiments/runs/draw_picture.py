"""The picture that a user's function draws of a trained model."""

import warnings


def draw_picture(picture, model, path):
    """Draws and keeps a picture; a run is worth more than its picture.

    Args:
        picture: Function of a model to a matplotlib `Figure`, or `None`.
        model: A trained model.
        path: Of the file. Its folder is made.

    Example:

    >>> draw_picture(None, None, None)
    """
    if picture is None:
        return
    try:
        path.parent.mkdir(exist_ok=True)
        picture(model).savefig(path)
    except Exception as error:
        warnings.warn(
            f"`picture` has drawn no {path}: {type(error).__name__}: {error}",
            stacklevel=2,
        )
