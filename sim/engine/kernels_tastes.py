"""The compiled utility of options: every party's weights and values, from a block's table of numbers."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.engine.kernels import FloatArray, IntArray


class Tastes(NamedTuple):
    """What parties want, as rows of a table of numbers; -1 where nothing is stated."""

    start: IntArray  # (issue + 1,) first flat option of each issue
    position: FloatArray  # (option,)
    salience: IntArray  # (party, issue)
    ideal: IntArray  # (party, issue) -1 where the party values options one by one
    value: IntArray  # (party, option) -1 where the party has an ideal


@njit(error_model="numpy", cache=True)
def fill_utilities(tastes: Tastes, table: FloatArray, weight: FloatArray, utility: FloatArray) -> None:
    """Write weights (party, issue, run) and utilities (party, option, run), weight times value, where gamma is 1.

    `table` (row, run). Sums over issues run in their order, as a sum over rows of arrays does.
    """
    runs = table.shape[1]
    total = np.empty(runs)
    for party in range(weight.shape[0]):
        for issue in range(weight.shape[1]):
            salience = table[tastes.salience[party, issue]]
            for run in range(runs):
                total[run] = salience[run] if issue == 0 else total[run] + salience[run]
        for issue in range(weight.shape[1]):
            salience, share = table[tastes.salience[party, issue]], weight[party, issue]
            for run in range(runs):
                share[run] = salience[run] / total[run]
            for option in range(tastes.start[issue], tastes.start[issue + 1]):
                own = utility[party, option]
                if tastes.ideal[party, issue] < 0:
                    value = table[tastes.value[party, option]]
                    for run in range(runs):
                        own[run] = share[run] * value[run]
                else:
                    ideal, position = table[tastes.ideal[party, issue]], tastes.position[option]
                    for run in range(runs):
                        reach = max(ideal[run], 1.0 - ideal[run])
                        own[run] = share[run] * (1.0 - abs(position - ideal[run]) / reach)
