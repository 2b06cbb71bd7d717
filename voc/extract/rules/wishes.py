"""Wordings in which customers ask for something that is not there."""

from __future__ import annotations

from typing import Any

from voc.extract.rules.patterns import patterns

PATTERNS: list[list[dict[str, Any]]] = patterns("""
i|we (really|only|just|also|so|do)* wish|wished
wish|wishing it|they|there|the|this|these|you|i|that
would|'d|wud|could (really|also|even|much|so|definitely)* be|been (really|a|so|very)* nice|great|better|good|perfect|helpful|useful|cool|awesome|ideal|appreciated|preferable if|to|with|for|feature|addition|option|when
would|could (really|also)* have been (a|really|much)* nice|great|better|good|perfect|helpful|nicer if|to|with|for
i|we would|'d|wud (really|also|just)* like|love|prefer to|it|if|a|an|more|the|see
if only it|they|the|there|this
should|shld|must (really|also|at|least|definitely)* have|provide|include|add|come|give|offer|allow|support
please|pls|plz|kindly (also)? add|make|provide|include|bring|fix|improve|give|allow|support|consider|update|introduce|enable|implement|change|offer|let
needs|need (to|a|an|more|better)* be|have|come|longer|way|option|add|include|improve|better
suggest|suggestion|suggestions|proposal
could use a|an|some|more|better
could be added|included|provided|longer
would|'d be|like|love (a|even|much)* nicer|happier|easier if|with|to|had
would|could (really)? enable|allow
missing|lacks a|an|the feature|option|way|ability|function
""")  # noqa: E501

#: An order at the start of a sentence: "Add a dark mode."
PATTERNS.append([{"LOWER": {"IN": ["add", "allow", "provide", "include", "enable", "support"]}, "IS_SENT_START": True}])
