"""Measures the product's speed and memory beside what a user would put together instead."""
