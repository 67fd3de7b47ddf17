"""Claims of lesson 03 that its own cells do not hold."""

import sympy


def test_the_root_of_x_plus_delta_goes_to_the_root_of_x():
    t, z = sympy.symbols("t z", positive=True)
    apart = (z**2 - t**2) / (z + t)  # Delta / (z + t)
    assert sympy.simplify(apart - (z - t)) == 0
    assert ((z + t) - t).is_positive, "so |z - t| is below |Delta| / t"
