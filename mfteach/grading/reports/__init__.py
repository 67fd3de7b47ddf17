"""What people read: feedback, the class report, tables for Canvas and Moodle.

Lessons: none; written by ``mfteach-grade``.
"""
