"""``python -m mfteach`` is the command ``mfteach``."""

import sys

from mfteach.cli import main

sys.exit(main())
