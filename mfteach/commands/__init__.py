"""The command ``mfteach``: a file for each word that may follow it.

Lessons: none; people type it.
"""
