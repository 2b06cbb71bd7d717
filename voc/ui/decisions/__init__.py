"""Decisions about opportunities: what was decided, what has become of it, and how to take it away."""
