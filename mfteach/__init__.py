"""Mathematical foundations of recommender systems: the numbers behind the notebooks."""

__version__ = "0.1.0"
