"""Measures the product: speed and memory beside what a user would assemble instead, and figures beside the truth."""
