"""Proposals for messages."""

import difflib

LONGEST = 100


def hint(name, known):
    """Proposes the nearest known name, or says nothing."""
    # Comparing long texts takes minutes.
    if len(name) > LONGEST:
        return ""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
