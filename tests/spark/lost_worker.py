"""A fit on a cluster of two workers, one of which can be killed in the middle."""

import os
import signal
import threading

import numpy as np

from mfteach import MatrixFactorization, Ratings
from mfteach.spark.cluster import MASTER, members

SETTINGS = {
    "n_factors": 8,
    "regularization": 0.1,
    "weighting": "by_count",
    "n_epochs": 12,
    "engine": "spark",
    "master": MASTER,
    "rng": 0,
}
