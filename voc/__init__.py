"""voc reads customer reviews and ranks what to improve next."""

__version__ = "0.1.0"
