"""The figures of single lessons: one function a figure, with its alt text and its caption.

Lessons: each imports its own module here, such as ``lesson_05``; what a lesson has computed goes
in, and nothing comes out but the figure.
"""
