"""What a student typed: formulas, choices, numbers, functions (the exercises of every lesson)."""
