"""All simulations, in the order of the table."""

from voc.benchmark.simulations.of_change import OF_CHANGE
from voc.benchmark.simulations.of_state import OF_STATE

SIMULATIONS = (*OF_STATE, *OF_CHANGE)
