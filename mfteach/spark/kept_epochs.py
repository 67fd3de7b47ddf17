"""Epochs that were written down, so that a fit that was killed goes on from the last of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mfteach.spark.frames import column_of, frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Epoch(NamedTuple):
    """Where the walk stands.

    Attributes
    ----------
    number : int
        How many epochs led here.
    U, V : DataFrame
        (i, u) and (j, v), on the cluster.
    validation : tuple of float
        The RMSE of the held-out ratings after each epoch; () if there are none.
    """

    number: int
    U: DataFrame
    V: DataFrame
    validation: tuple[float, ...] = ()


class KeptEpochs:
    """The epochs of one fit in a folder that the whole cluster sees.

    An epoch is there as soon as its last part is written, ``validation``: whenever the work is
    killed, the one before is whole. Other ratings, or other settings, have a folder of their own.

    Parameters
    ----------
    spark : SparkSession
    folder : str
    what : object
        What the walk depends on, of plain values.
    """

    def __init__(self, spark: SparkSession, folder: str, what: Any) -> None:
        name = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
        self._spark, self._folder = spark, f"{folder}/{name}"
        path = self._path(folder)
        self._files = path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
        self._files.mkdirs(self._path(self._folder))

    def __iter__(self) -> Iterator[Epoch]:
        for number in self._numbers():
            yield self._read(number)

    def keep(self, epoch: Epoch, best: int) -> None:
        """Write an epoch down; of the others only the best is of use from now on."""
        place = self._place(epoch.number)
        epoch.U.write.mode("overwrite").parquet(f"{place}/U")
        epoch.V.write.mode("overwrite").parquet(f"{place}/V")
        figures = np.array(epoch.validation, dtype=np.float64)
        table = frame(self._spark, epoch=np.arange(1, len(figures) + 1), rmse=figures)
        table.coalesce(1).write.mode("overwrite").parquet(f"{place}/validation")
        self._forget(set(self._numbers()) - {epoch.number, best})

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._files.delete(self._path(self._place(number)), True)

    def _read(self, number: int) -> Epoch:
        read, place = self._spark.read, self._place(number)
        figures = read.parquet(f"{place}/validation").orderBy("epoch")
        U, V = read.parquet(f"{place}/U"), read.parquet(f"{place}/V")
        return Epoch(number, U, V, tuple(column_of(figures, "rmse").tolist()))

    def _numbers(self) -> list[int]:
        """Those of the epochs that are whole."""
        names = [status.getPath().getName() for status in self._files.listStatus(self._path())]
        numbers = sorted(int(name[6:]) for name in names if re.fullmatch(r"epoch-\d+", name))
        return [number for number in numbers if self._is_whole(number)]

    def _is_whole(self, number: int) -> bool:
        written = self._path(f"{self._place(number)}/validation/_SUCCESS")
        return bool(self._files.exists(written))

    def _place(self, number: int) -> str:
        return f"{self._folder}/epoch-{number:04}"

    def _path(self, name: str | None = None) -> Any:
        jvm: Any = self._spark.sparkContext._jvm
        return jvm.org.apache.hadoop.fs.Path(name or self._folder)
