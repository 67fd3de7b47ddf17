"""The command ``mfteach``: one file for each subcommand.

Lessons: none; it is typed in a terminal.
"""
