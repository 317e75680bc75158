"""How something grows: the exponent of a power law through the measured points."""

import math
from collections.abc import Sequence


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """The `k` of cost = c * size**k by least squares over the logarithms; None with fewer than two sizes.

    0 means that the cost does not grow, 1 that it grows as the size does. All numbers are positive.
    """
    if len(set(sizes)) < 2:
        return None
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    spread = math.fsum((one - mean_x) ** 2 for one in x)
    return math.fsum((one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True)) / spread
