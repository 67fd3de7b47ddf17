"""A cluster of a master and two workers, one of which is killed in the middle (make test-spark).

What came out is stored beside the package's code, where a lesson shows it.
"""

import json
import os
import platform
import signal
import threading
import time

import pytest
from planted_ratings import planted

from mfteach import MatrixFactorization
from mfteach.evaluation.metrics import rmse
from mfteach.spark import cluster, factorizing, watching
from mfteach.spark.stored import LOST_WORKER, lost_worker

pytestmark = pytest.mark.cluster

SETTINGS = {
    "n_factors": 8,
    "regularization": 0.05,
    "weighting": "by_count",
    "n_epochs": 12,
    "rng": 0,
}
# Stages of Spark's ALS that are over when the worker is killed: about a third of its epochs.
STAGES = 12


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    yield cluster.start(folder), folder
    left = cluster.members(folder)
    cluster.stop(folder)
    assert not any(map(cluster.is_alive, left))


@pytest.fixture(scope="module")
def ratings():
    return planted(m=2000, n=600, k=4, share=0.06)


def fitted(ratings, **further):
    began = time.perf_counter()
    model = MatrixFactorization(**SETTINGS | further).fit(ratings.train)
    J, error = model.trace_.last.value, rmse(ratings.unseen.values, model.predict(ratings.unseen))
    return {"J": J, "rmse": error, "seconds": round(time.perf_counter() - began, 1)}


def kill_in_the_middle(monkeypatch, worker):
    """Kill the worker once so many stages of ALS are over; return the list of those killed."""
    real, killed = factorizing.by_spark, []

    def by_spark(E, *rest):
        tracker, over = E.sparkSession.sparkContext.statusTracker(), threading.Event()

        def watch():
            first = None
            while not over.wait(0.05):
                for stage in tracker.getActiveStageIds():
                    first = stage if first is None else first
                    if stage >= first + STAGES:
                        os.kill(worker.pid, signal.SIGKILL)
                        killed.append(worker.pid)
                        return

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            return real(E, *rest)
        finally:
            over.set()
            thread.join()

    monkeypatch.setattr(factorizing, "by_spark", by_spark)
    return killed


def test_a_killed_worker_changes_no_digit(master, ratings, monkeypatch):
    name, folder = master
    on_cluster = {"engine": "spark", "master": name}
    undisturbed = fitted(ratings, **on_cluster)
    _, lost, kept = cluster.members(folder)
    killed = kill_in_the_middle(monkeypatch, lost)
    disturbed = fitted(ratings, **on_cluster)
    assert killed == [lost.pid] and not cluster.is_alive(lost) and cluster.is_alive(kept)
    for figure in ("J", "rmse"):
        assert disturbed[figure] == pytest.approx(undisturbed[figure], rel=1e-12, abs=0)
    ours = fitted(ratings)
    for figure in ("J", "rmse"):
        assert undisturbed[figure] == pytest.approx(ours[figure], rel=0.005)
    store(ratings, undisturbed, disturbed, ours)
    assert lost_worker()["one worker killed"]["rmse"] == pytest.approx(disturbed["rmse"])


def store(ratings, undisturbed, disturbed, ours):
    import pyspark

    m, n = ratings.train.shape
    found = {
        "spark": pyspark.__version__,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "users": m,
        "items": n,
        "ratings": len(ratings.train),
        "settings": SETTINGS,
        "undisturbed": undisturbed,
        "one worker killed": disturbed,
        "one machine": ours,
    }
    LOST_WORKER.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def test_without_any_worker_the_fit_ends_with_one_line(master, ratings, monkeypatch):
    name, folder = master
    monkeypatch.setattr(watching, "PATIENCE", 3.0)
    for worker in cluster.members(folder)[1:]:
        if cluster.is_alive(worker):
            os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(ValueError, match=f"no worker of {name} is left"):
        fitted(ratings, engine="spark", master=name)
