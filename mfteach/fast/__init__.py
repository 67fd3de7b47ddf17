"""The same sums again, quickly: nothing to learn here (no lesson opens this folder)."""
