"""`python -m mtvision`; its `--help` says the rest."""

import logging
import sys

from mtvision.command_line import main

if __name__ == "__main__":
    # It warns of many models in one process, which is what is wanted here.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.exit(main())
