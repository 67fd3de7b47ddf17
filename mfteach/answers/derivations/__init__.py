"""Derivations that a student types, judged line by line.

Lessons: none opens this folder; lessons 07 and 08 use ``Ledger`` and ``judge`` of
`mfteach.answers`.

- ``judging`` proves or refutes one line against another; ``slips`` names what went wrong in it;
- ``ledger`` is a derivation that grows, ``ledger_lines`` and ``ledger_page`` show it;
- ``lecture_ways`` are the derivations that it knows by name, ``routes`` other ways to their goals,
  ``hints`` the next step on them;
- ``milestones`` says how far a derivation has come, by the form of its ``lines``;
- ``whole_texts`` judges a derivation that is handed in as one text.
"""
