"""Finds reviews: by their words through a full-text index, and by what they mean through the vectors of opinions.

`query` reads what somebody types; `index` keeps the full-text index beside the snapshots; `meaning` ranks by vectors,
which `embedding` makes of the query once the model is there; `catalogue` filters and orders; `marking` shows where in
a text the words stand.
"""
