"""Where student code runs: it sees no file, no network and no expected value.

Lessons: none; the functions of assignments run here.
"""
