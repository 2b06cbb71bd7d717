"""The simulations of figures that say how things stand: impacts, reach, classes, rivals, use."""

from __future__ import annotations

from voc.benchmark.simulations.correction import simulate_across, simulate_extraction
from voc.benchmark.simulations.impacts import VALUES, simulate_ranks, simulate_shrinkage, simulate_star_impact
from voc.benchmark.simulations.importance import simulate_importance
from voc.benchmark.simulations.kano import simulate_kano
from voc.benchmark.simulations.overlap import simulate_adjusted
from voc.benchmark.simulations.prices import simulate_prices
from voc.benchmark.simulations.rivals import simulate_rivals
from voc.benchmark.simulations.segments import simulate_segments
from voc.benchmark.simulations.shares import simulate_reach, simulate_units
from voc.benchmark.simulations.simulation import Simulation, given
from voc.benchmark.simulations.time_in_use import simulate_failure, simulate_time_in_use

_IMPACTS = {
    "400 reviews of one product": given(reviews=400),
    "5,000 reviews of one product": given(reviews=5000),
    "3,000 reviews of 20 products that differ": given(reviews=3000, products=20, spread=0.3),
}
_REACH = {
    f"{100 * share:g} % of {reviews:,} reviews": given(reviews=reviews, share=share)
    for reviews, share in ((50, 0.05), (200, 0.02), (1000, 0.1))
}
_UNITS = {f"{mean:g} complaints on average": given(mean=mean) for mean in (0.5, 3.0, 40.0)}
_EXTRACTION = {
    **{f"a trouble in {100 * reach:g} % of 3,000 reviews": given(reach=reach) for reach in (0.03, 0.08, 0.3)},
    "a trouble in 8 %, low stars mistaken for it thrice as often": given(reach=0.08, grim=3.0),
}
_ADJUSTED = {
    "500 reviews of one product": given(reviews=500),
    "1,500 reviews of one product": given(reviews=1500),
    "1,500 reviews of 30 products that differ": given(reviews=1500, products=30),
}
_KANO = {
    f"{reviews:,} reviews, {100 * share:g} % on each side of an area": given(reviews=reviews, share=share)
    for reviews, share in ((500, 0.08), (2000, 0.05), (6000, 0.08))
}
_RIVALS = {
    **{
        f"{ours} of our products, {theirs} of theirs": given(
            own=0.05, theirs=0.05, products=(ours, theirs), per_product=90, likeness=0.06
        )
        for ours, theirs in ((4, 4), (4, 40), (20, 20))
    },
    "2 of our products, 3 of theirs, of these alone": given(
        own=0.05, theirs=0.05, products=(2, 3), per_product=150, likeness=0.05, of="these products"
    ),
    "8 products a side, 15 % and 3 %": given(own=0.15, theirs=0.03, products=(8, 8), per_product=100, likeness=0.02),
}
_PRICES = {
    f"{groups} products that differ by {between:g} stars": given(groups=groups, sizes=(5, 20, 80), between=between)
    for groups, between in ((5, 0.1), (12, 0.0), (12, 0.4), (60, 0.1))
}
_TIMES = {
    **{f"{n} times stated a theme": given(themes=25, stated_each=n) for n in (6, 12, 40)},
    "25 times stated a theme, 2 of 15 late": given(themes=15, stated_each=25, late=2),
}
_FAILURES = {
    **{f"{n} stated failures": given(stated=n) for n in (15, 40, 150)},
    "120 products, some still working": given(stated=0, works=120),
}

OF_STATE = (
    Simulation("star-impact", "star impact", simulate_star_impact, 1000, _IMPACTS),
    Simulation("shrinkage", "shrunken star impact", simulate_shrinkage, 2000, {"15 troubles": given()}),
    Simulation("ranks", "rank sets", simulate_ranks, 1000, {f"8 values, {n}": given(values=n) for n in VALUES}),
    Simulation("reach", "reach, of troubles and needs", simulate_reach, 4000, _REACH),
    Simulation("units", "complaints per unit sold", simulate_units, 4000, _UNITS),
    Simulation("extraction", "reading that errs", simulate_extraction, 500, _EXTRACTION),
    Simulation("across", "labels of other products", simulate_across, 2000, {"30 % of 3,000 reviews": given()}),
    Simulation("adjusted", "star impact, overlap taken out", simulate_adjusted, 600, _ADJUSTED),
    Simulation(
        "importance",
        "importance and satisfaction",
        simulate_importance,
        1000,
        {f"{n:,} reviews": given(reviews=n) for n in (500, 2000)},
    ),
    Simulation("kano", "Kano classes", simulate_kano, 400, _KANO),
    Simulation(
        "segments",
        "segments against the rest",
        simulate_segments,
        400,
        {f"{n:,} reviews": given(reviews=n) for n in (400, 3000)},
    ),
    Simulation("rivals", "ours against competitors'", simulate_rivals, 300, _RIVALS),
    Simulation("prices", "scores on the price map", simulate_prices, 1500, _PRICES),
    Simulation("time-in-use", "time in use", simulate_time_in_use, 400, _TIMES),
    Simulation("failure", "time to failure", simulate_failure, 500, _FAILURES),
)
