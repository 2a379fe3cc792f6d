"""Proposals for messages."""

import difflib


def hint(name, known):
    """Proposes the nearest known name, or says nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
