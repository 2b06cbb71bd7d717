"""Words of danger: heat, smoke, fire, electric shock, swelling cells, injury."""

from __future__ import annotations

from spacy.tokens import Doc

from voc.extract.rules.patterns import patterns

_NOT = frozenset(["no", "not", "n't", "never", "without", "nt", "zero", "doesnt", "dont", "didnt"])

PATTERNS = patterns("""
smoke|smoking|smoked|smoky|smoldering|smouldering
caught|catch|catches|catching|on fire
fire hazard|risk|started|broke
set|started .? .? fire
flames|flame|sparks|sparked|sparking|spark|exploded|explode|explodes|explosion
burned|burnt|burning smell|smells|smelling|my|me|hot|plastic|hand|finger|fingers|rubber|wire
smell|smells|smelled|smelt|stink|stinks (of|like|a)? .? burning|burnt|smoke|burned
got|get|gets|getting burned|burnt
electric|electrical|static shock|shocks
electrocuted|electrocute|electrocution
got|gave|gives|get|giving|received (me|a|an|small|mild|electric)* shock|shocks
shocked me|my
swollen|swelled|swelling|bulging|bulged .? battery|pack|cell|case|up
battery|pack|cell|batteries .? swollen|swelled|swelling|bulging|bulged|leaking
melted|melts|melting|melt
overheat|overheats|overheated|overheating|superheats
over heat|heats|heated|heating
too|so|very|extremely|dangerously|scalding|burning|really|crazy|scorching|super hot
hot to .? touch|hold
safety hazard|issue|risk|concern
dangerous|unsafe|hazardous
ear|ears|skin .? infection|infected|bleeding|bled|burn|burns|rash
""")


def is_negated(doc: Doc, start: int) -> bool:
    """Say whether one of the three tokens before `start` denies what follows ("never overheats")."""
    return any(token.lower_ in _NOT for token in doc[max(0, start - 3) : start])
