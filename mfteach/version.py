"""The version of mfteach; what builds the package reads it here."""

__version__ = "0.1.0"
