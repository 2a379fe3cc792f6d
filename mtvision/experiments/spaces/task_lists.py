"""Lists of tasks, as parts of a space take them."""


def check_tasks(tasks, minimum):
    """Raises unless tasks are a list of different names.

    Args:
        tasks: What was given.
        minimum: How many are needed.

    Raises:
        ValueError: If they are anything else.

    Example:

    >>> check_tasks(["digit", "mask"], 2)
    """
    fits = isinstance(tasks, list | tuple)
    fits = fits and all(isinstance(task, str) for task in tasks)
    if not fits or len(set(tasks)) < max(minimum, len(tasks)):
        raise ValueError(
            f"Expected a list of {minimum} or more names of tasks, each once, "
            f'such as ["digit", "mask"], received {tasks!r}.'
        )
