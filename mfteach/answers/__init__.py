"""What a student typed: formulas, choices, numbers, functions.

Lessons 03, 04; through `mfteach.lessons.practice` the exercises of every lesson.

What needs SymPy is loaded when it is first asked for: `import mfteach`, which brings `check`, and
the lessons that only compute do not wait for it. So modules on that way say ``answers.compare``.
"""
