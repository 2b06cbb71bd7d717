"""`voc benchmark simulations`: how often the figures are right where the truth is known.

A simulation draws reviews many times over, asks for a figure as a user would, and counts how often its interval holds
the truth, how often something is called that is not there, and how often what is planted is found. The tests ask the
same functions as the command, with fewer runs.
"""
