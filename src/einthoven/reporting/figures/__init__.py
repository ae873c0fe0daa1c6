"""Figures of papers, as ours: one module a figure, each an SVG page in exact millimetres."""
