"""``python -m mfteach`` is the command ``mfteach``."""

import sys

from mfteach.commands.main import main

sys.exit(main())
