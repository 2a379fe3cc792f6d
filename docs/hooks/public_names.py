"""What the package exports, room by room."""

import importlib
import inspect
import pkgutil
from typing import NamedTuple

PACKAGE = "mtvision"


class PublicName(NamedTuple):
    """One exported object.

    Args:
        room: Name of the room that exports it.
        name: Its name there.
        value: The object.
    """

    room: str
    name: str
    value: object

    @property
    def path(self):
        """Where a user finds it: `mtvision.balancing.PCGrad`."""
        return f"{PACKAGE}.{self.room}.{self.name}"

    @property
    def module(self):
        """Name of the module that defines it, or the room's."""
        own = getattr(self.value, "__module__", "")
        return own if own.startswith(PACKAGE) else f"{PACKAGE}.{self.room}"

    @property
    def group(self):
        """The folder of the room that it lives in, or an empty text."""
        parts = self.module.split(".")[2:-1]
        return parts[0] if parts else ""

    @property
    def summary(self):
        """The first sentence of its docstring, on one line."""
        if not callable(self.value):
            return f"A `{type(self.value).__name__}`."
        text = inspect.getdoc(self.value) or ""
        return " ".join(text.split("\n\n")[0].split())


def rooms():
    """Names of the rooms, sorted."""
    package = importlib.import_module(PACKAGE)
    found = pkgutil.iter_modules(package.__path__)
    return sorted(module.name for module in found if module.ispkg)


def public_names(room):
    """All that a room exports, sorted by folder and name.

    Args:
        room: Name of the room.

    Returns:
        List of `PublicName`.
    """
    module = importlib.import_module(f"{PACKAGE}.{room}")
    names = getattr(module, "__all__", None) or [
        name for name in dir(module) if not name.startswith("_")
    ]
    found = [PublicName(room, name, getattr(module, name)) for name in names]
    return sorted(found, key=lambda each: (each.group, each.name.lower()))
