"""Figures and rankings that a product manager can defend, computed from Arrow tables."""

from voc.insights.area_importance import AREA_IMPORTANCE, area_importance
from voc.insights.areas import area_summary
from voc.insights.coverage import coverage, satisfaction
from voc.insights.facts import Facts
from voc.insights.hazards import hazard_products, hazards, striking
from voc.insights.opportunities import all_opportunities, opportunities
from voc.insights.phases import resolve_phases
from voc.insights.responsible import RESPONSIBLE, responsible
from voc.insights.scope import Scope
from voc.insights.sparklines import SPARKLINES, sparklines
from voc.insights.theme_segments import THEME_SEGMENTS, theme_segments
from voc.insights.together import TOGETHER, together
from voc.insights.trends import MONTHLY, monthly, phase_trends
from voc.tables.ranked import AREA_SUMMARY, HAZARD_PRODUCTS, HAZARDS

__all__ = [
    "AREA_IMPORTANCE",
    "AREA_SUMMARY",
    "HAZARDS",
    "HAZARD_PRODUCTS",
    "MONTHLY",
    "RESPONSIBLE",
    "SPARKLINES",
    "THEME_SEGMENTS",
    "TOGETHER",
    "Facts",
    "Scope",
    "all_opportunities",
    "area_importance",
    "area_summary",
    "coverage",
    "hazard_products",
    "hazards",
    "monthly",
    "opportunities",
    "phase_trends",
    "resolve_phases",
    "responsible",
    "satisfaction",
    "sparklines",
    "striking",
    "theme_segments",
    "together",
]
