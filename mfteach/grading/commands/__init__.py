"""The commands of ``mfteach-grade``: a file for each word.

Lessons: none; each file has ``add``, which names its arguments, and ``run``.
"""
