"""The samples that could not be read."""

import threading

# Samples of an epoch before it is judged whether too many are damaged.
ENOUGH = 20


class Failures:
    """Counts what was read and what could not be, in each epoch.

    Attributes:
        skipped: Dict from the number of a sample to why it was skipped.

    Example:

    >>> failures = Failures()
    >>> failures.count(0)
    >>> failures.count(0, OSError("damaged"))
    """

    def __init__(self):
        self.skipped = {}
        self._epoch = None
        self._read = self._failed = 0
        self._lock = threading.Lock()

    def count(self, epoch, error=None):
        """Counts a sample.

        Args:
            epoch: Number of the epoch that reads it.
            error: What went wrong, or `None`.

        Raises:
            RuntimeError: If more than half of the samples of the epoch, and
                of at least 20, could not be read.
        """
        with self._lock:
            if epoch != self._epoch:
                self._epoch, self._read, self._failed = epoch, 0, 0
            self._read += 1
            self._failed += error is not None
            read, failed = self._read, self._failed
        if error is not None and read >= ENOUGH and 2 * failed > read:
            raise RuntimeError(
                f"{failed} of the {read} samples read in this epoch could not "
                "be read: that is too much to go on by on_error='skip'. The "
                f"last: {type(error).__name__}: {error}"
            ) from error

    def __getstate__(self):
        return self.__dict__ | {"_lock": None}

    def __setstate__(self, state):
        self.__dict__ = state | {"_lock": threading.Lock()}
