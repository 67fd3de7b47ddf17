"""The symbols: derivations, typed formulas and questions whose every claim SymPy proves."""
