"""What an answer earns: scores, results, late days, the gradebook.

Lessons: none; used by ``mfteach-grade``.
"""
