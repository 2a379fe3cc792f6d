"""Ctrl-C and SIGTERM wait until a training has saved itself."""

import contextlib
import os
import signal
import threading

_ASKED = b"\nThe training is saved after this step; once more leaves at once.\n"
_DEFAULT = (signal.SIG_DFL, signal.default_int_handler)


class Signals:
    """Notes a signal to end, which others then look for.

    Attributes:
        received: Number of the signal, or `None`.
    """

    def __init__(self):
        self.received = None

    @contextlib.contextmanager
    def noted(self):
        """Notes signals as long as the block runs, in the main thread only.

        Yields:
            Nothing.

        Raises:
            KeyboardInterrupt: After the block, if Ctrl-C came too late for
                anyone to look; and at once, if it comes a second time.
            SystemExit: Likewise, for SIGTERM.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.getsignal(number)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        # What is ignored (nohup), or the user's own, stays as it is.
        ours = [n for n, handler in before.items() if handler in _DEFAULT]
        try:
            for number in ours:
                signal.signal(number, self._note)
            yield
        finally:
            for number in ours:
                signal.signal(number, before[number])
        self.leave()

    def leave(self):
        """Raises `KeyboardInterrupt` or `SystemExit` if a signal came."""
        if self.received == signal.SIGINT:
            raise KeyboardInterrupt
        if self.received is not None:
            raise SystemExit(128 + self.received)

    def _note(self, number, frame):
        again = self.received is not None
        self.received = number
        if again:
            self.leave()
        with contextlib.suppress(OSError):
            os.write(2, _ASKED)  # A handler may not print.
