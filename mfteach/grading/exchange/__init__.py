"""To and from the class's own system: collecting submissions, giving back marks and feedback.

Lessons: none; the systems are Canvas and Moodle, and plain folders.
"""
