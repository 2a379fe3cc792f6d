"""Keywords by signature: each function gets those that it takes."""

import inspect


def accepted_keywords(function):
    """Which keywords a function takes, and which of them it cannot do without.

    Args:
        function: Anything that can be called.

    Returns:
        A set of names, or `None` if it takes any (`**keywords`, which a class
        passes on to its bases); and a set of those without a default.

    Example:

    >>> names, needed = accepted_keywords(lambda rate, seed=0: None)
    >>> sorted(names), needed
    (['rate', 'seed'], {'rate'})
    """
    names, needed, takes_any = _keywords(function)
    if takes_any and isinstance(function, type):
        names, takes_any = _keywords_of_bases(function)
    return (None if takes_any else names), needed


def call_with(function, keywords):
    """Calls a function with those of the keywords that it takes.

    Args:
        function: Anything that can be called.
        keywords: Dict of values by name.

    Returns:
        What the function returns.

    Example:

    >>> call_with(lambda rate: 2 * rate, {"rate": 3, "seed": 0})
    6
    """
    names, _ = accepted_keywords(function)
    taken = keywords if names is None else names & set(keywords)
    return function(**{name: keywords[name] for name in taken})


def check_keywords(names, functions, *, given=("seed",)):
    """Raises if a keyword is taken by no function, or a function lacks one.

    Args:
        names: The keywords that have to be taken.
        functions: Dict of functions by what they are called in messages.
            Whatever cannot be called, such as data, takes no keyword.
        given: Keywords that are there, but need not be taken.

    Raises:
        ValueError: Listing what each function takes, or if a keyword of
            `given` is among the names.

    Example:

    >>> check_keywords(["rate"], {"build": lambda rate, seed: None})
    """
    taken = {
        label: accepted_keywords(function)
        for label, function in functions.items()
        if callable(function)
    }
    twice = [name for name in names if name in given]
    if twice:
        raise ValueError(
            f"The keyword {twice[0]!r} is given to each run as it is: it "
            "cannot be among those that are tried."
        )
    available = {*names, *given}
    for label, (_, needed) in taken.items():
        if needed - available:
            raise ValueError(
                f"`{label}` needs {sorted(needed - available)}, but the "
                f"keywords are {sorted(available)}. Give the missing ones a "
                "value here, or a default there."
            )
    for name in names:
        if not any(n is None or name in n for n, _ in taken.values()):
            lists = "; ".join(
                f"`{label}` takes {sorted(n)}"
                for label, (n, _) in taken.items()
            )
            raise ValueError(
                f"Expected a function with the keyword {name!r}; {lists}. Add "
                f"it to one of them, for instance as `{name}=None`."
            )


def _keywords(function):
    parameters = inspect.signature(function).parameters.values()
    by_name = [p for p in parameters if p.kind in _BY_NAME]
    needed = {p.name for p in by_name if p.default is inspect.Parameter.empty}
    takes_any = any(p.kind == inspect.Parameter.VAR_KEYWORD for p in parameters)
    return {p.name for p in by_name}, needed, takes_any


def _keywords_of_bases(made):
    """Names that a class and its bases take, and whether any is taken."""
    names = set()
    for base in made.__mro__[:-1]:
        if "__init__" in vars(base):
            own, _, takes_any = _keywords(base.__init__)
            names |= own - {"self"}
            if not takes_any:
                return names, False
    return names, True


_BY_NAME = (
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)
