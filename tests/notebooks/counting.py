"""Numbers that count their multiplications: what a method costs, as its lines are written."""

import numpy as np


class Counted:
    """A number that counts the multiplications."""

    multiplications = 0

    def __init__(self, value):
        self.value = value

    def __mul__(self, other):
        if isinstance(other, np.ndarray):  # entry by entry, as the array does it
            return NotImplemented
        Counted.multiplications += 1
        return Counted(self.value * getattr(other, "value", other))

    __rmul__ = __mul__

    def __add__(self, other):
        return Counted(self.value + getattr(other, "value", other))

    __radd__ = __add__

    def __sub__(self, other):
        return Counted(self.value - getattr(other, "value", other))

    def __rsub__(self, other):
        return Counted(getattr(other, "value", other) - self.value)


def counted(table):
    return np.vectorize(Counted, otypes=[object])(table)
