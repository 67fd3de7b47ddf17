"""The command ``mfteach``: a file for each word that may follow it (no lesson uses it)."""
