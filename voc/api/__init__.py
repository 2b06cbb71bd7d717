"""The Python interface: analyses of whatever holds reviews, and their results in whatever form a reader works with."""

from voc.api.analysis import Analysis
from voc.api.result import Result

__all__ = ["Analysis", "Result"]
