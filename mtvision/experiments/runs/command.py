"""The command that repeats what this process does."""

import re
import shlex
import sys


def this_command():
    """The line to type, without passwords of databases.

    Returns:
        String. In a notebook it says to run that.

    Example:

    >>> isinstance(this_command(), str)
    True
    """
    if "ipykernel" in sys.modules:
        return "Run the notebook from top to bottom."
    return hide_passwords(shlex.join(sys.orig_argv))


def hide_passwords(text):
    """A text without the passwords in its URLs.

    Args:
        text: Any text.

    Returns:
        String.

    Example:

    >>> hide_passwords("search --storage mysql://ada:secret@host/digits")
    'search --storage mysql://ada:***@host/digits'
    """
    # What follows a host may look like a password: http://host:80/@name.
    text = re.sub(r"(://[^:/@\s]*):(?!\d{1,5}/)[^@\n]+@", r"\1:***@", text)
    return re.sub(r"(?i)([?&]\w*(?:passw|pwd)\w*=)[^&\s]+", r"\1***", text)
