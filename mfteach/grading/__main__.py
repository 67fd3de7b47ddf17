"""``python -m mfteach.grading`` is the command ``mfteach-grade``."""

import sys

from mfteach.grading.cli import main

sys.exit(main())
