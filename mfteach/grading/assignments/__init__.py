"""What students are asked: question files, checks, each student's numbers, the release.

Lessons: none; the assignments of lessons 01-14.
"""
