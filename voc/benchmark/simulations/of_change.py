"""The simulations of figures that say what changed: trends, phases, alerts, verification."""

from __future__ import annotations

from voc.benchmark.simulations.alerts import simulate_detection, simulate_false_alarms
from voc.benchmark.simulations.changepoints import simulate_change_points
from voc.benchmark.simulations.decomposition import simulate_decomposition
from voc.benchmark.simulations.movements import simulate_movements
from voc.benchmark.simulations.segments import simulate_mix
from voc.benchmark.simulations.shares import simulate_difference
from voc.benchmark.simulations.simulation import Simulation, given
from voc.benchmark.simulations.trends import simulate_trends
from voc.benchmark.simulations.verification import WORLDS, simulate_verify, simulate_world

_DIFFERENCE = {
    "6 % of 300 reviews and 3 % of 500": given(reviews=(300, 500), shares=(0.06, 0.03)),
    "5 % of 400 reviews, twice": given(reviews=(400, 400), shares=(0.05, 0.05)),
    "3 % of 60 reviews, twice": given(reviews=(60, 60), shares=(0.03, 0.03)),
}
_TRENDS = {
    "300 reviews a phase, nothing changes": given(reviews=300),
    "1,500 reviews a phase, nothing changes": given(reviews=1500),
    "1,000 reviews a phase, a quarter doubles": given(reviews=1000, planted=True),
}
_MOVEMENTS = {
    "300 reviews a phase, nothing moves": given(reviews=300, planted=False),
    "1,500 reviews a phase, nothing moves": given(reviews=1500, planted=False),
    "700 reviews a phase, a quarter moves": given(reviews=700, planted=True),
}
_CHANGE_POINTS = {
    "1,000 flat reviews": given(reviews=1000, drop=0.0),
    "400 flat ratings, more from month to month": given(reviews=400, drop=0.0, growth=8.0),
    "3,000 reviews, months differ by 0.15 stars": given(reviews=3000, drop=0.0, spread=0.15),
    "1,500 reviews, a fall": given(reviews=1500, drop=0.5),
    "3,000 reviews, a fall, months differ by 0.1 stars": given(reviews=3000, drop=0.4, spread=0.1, growth=4.0),
}
_ALERTS = {
    **{
        f"{history} weeks of history, {reviews} reviews a week": given(history=history, reviews=reviews)
        for history, reviews in ((8, 30), (8, 200), (100, 200))
    },
    "100 weeks, 200 reviews a week, themes in bursts of 40 %": given(history=100, reviews=200, bursts=0.4),
}
_RISES = {
    f"200 reviews a week, {100 * share:g} % times {times}": given(history=52, reviews=200, share=share, times=times)
    for share, times in ((0.01, 2), (0.01, 3), (0.03, 2))
}
_VERIFY = {"nothing changes": given(reach_after=0.08), "reach falls from 8 to 1 %": given(reach_after=0.01)}

OF_CHANGE = (
    Simulation("difference", "difference of two shares", simulate_difference, 4000, _DIFFERENCE),
    Simulation("trends", "trends between phases", simulate_trends, 400, _TRENDS),
    Simulation("movements", "movements of themes", simulate_movements, 400, _MOVEMENTS),
    Simulation(
        "decomposition",
        "what moved the rating",
        simulate_decomposition,
        600,
        {f"{n} reviews a phase": given(reviews=n) for n in (150, 600)},
    ),
    Simulation(
        "mix",
        "pain within segments or their mix",
        simulate_mix,
        400,
        {f"{n:,} reviews a phase": given(reviews=n) for n in (300, 2000)},
    ),
    Simulation("change-points", "change points and detected phases", simulate_change_points, 500, _CHANGE_POINTS),
    Simulation("alerts", "alerts", simulate_false_alarms, 80, _ALERTS),
    Simulation("detection", "alerts of a planted rise", simulate_detection, 1000, _RISES),
    Simulation("verification", "fix verification", simulate_world, 600, {w.name: given(world=w) for w in WORLDS}),
    Simulation("verify", "fix verification, controls chosen", simulate_verify, 200, _VERIFY),
)
