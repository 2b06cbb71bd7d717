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

# Discs are burned without danger; who "got burned twice" was cheated.
_RECORDED = frozenset("cd cds dvd dvds disc discs disk disks song songs movie movies file files copy copies".split())
_CHEATED = frozenset(["once", "twice", "again"])


def is_figurative(doc: Doc, start: int, end: int) -> bool:
    """Say whether what was matched burns in a figure of speech ("burning my first DVDs", "got burned twice")."""
    if doc[max(0, start - 1)].lower_ == "money":  # "might as well set your money on fire"
        return True
    if not any(token.lower_.startswith("burn") for token in doc[start:end]):
        return False
    after = [token.lower_ for token in doc[end : end + 3]]
    return not _RECORDED.isdisjoint(after) or not _CHEATED.isdisjoint(after[:1])


def is_negated(doc: Doc, start: int) -> bool:
    """Say whether one of the three tokens before `start` denies what follows ("never overheats")."""
    return any(token.lower_ in _NOT for token in doc[max(0, start - 3) : start])
