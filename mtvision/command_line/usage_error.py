"""What the user of a command has to mend."""


class UsageError(Exception):
    """The command line, or a file that it names, is not as it should be."""
