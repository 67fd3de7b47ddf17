"""What the lessons ask: for each question the right answer, the slips, the hints, the solution.

Lessons: none opens this folder; every converted lesson uses ``check``, ``hint``, ``solution``,
``guess`` and ``outcome`` of `mfteach.lessons`.

- ``kinds`` are the kinds of answers: a number or numbers, a formula, letters, a function ...;
- ``lesson_05`` holds the questions and predictions of lesson 05, and so on, found by name;
- ``finding`` turns an id such as "05-1", "05-exit" or "05-a" into its question or prediction.
"""
