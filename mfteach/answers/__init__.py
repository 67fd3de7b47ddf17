"""What a student typed: formulas, choices, numbers, functions.

Lessons 03, 04; through `mfteach.lessons.practice` the exercises of every lesson.
"""
