"""Streamlit entry point: page set-up and navigation."""

from voc.ui import nav

nav.run()
