"""What was handed in: notebooks read as data, and the answers typed in them.

Lessons: none; what students hand in.
"""
