"""Altair charts: functions from a data frame and a palette to a chart, without a look at the app's state."""

from voc.ui.charts.quick import quicken

quicken()
