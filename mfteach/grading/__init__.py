"""Reads, runs and scores what students submit; `mfteach-grade` is its face."""
