"""`python -m mtvision` begins without the messages of a backend's start."""

import contextlib
import os
import sys
import tempfile


@contextlib.contextmanager
def quiet_start():
    """Keeps what a backend's libraries write while they are loaded.

    They write to the process' own stream of errors, past `sys.stderr`. If the
    loading fails, all of it is shown.

    Example:

    >>> with quiet_start():
    ...     import keras
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    errors = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(errors, kept.read())
            raise
        finally:
            os.dup2(errors, 2)
            os.close(errors)
