"""The version of mfteach; what builds the package reads it here."""

__version__ = "0.2.0"
