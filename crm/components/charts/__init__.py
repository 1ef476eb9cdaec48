"""Pictures drawn on the server: geometry here, shapes in templates, colours in charts.css.

Words stay outside the drawing so that they keep their size on a phone; only shapes stretch, in a box of
100 by 100. Each picture carries its figures as a table.
"""

from crm.components.charts.bars import Bar, BarPicture, FunnelPicture, Step, bar_chart, funnel_chart
from crm.components.charts.heat import HeatPicture, Warm, heat_map
from crm.components.charts.lines import LinePicture, Series, line_chart
from crm.components.charts.shapes import Picture, Table, share, spark

__all__ = [
    "Bar",
    "BarPicture",
    "FunnelPicture",
    "HeatPicture",
    "LinePicture",
    "Picture",
    "Series",
    "Step",
    "Table",
    "Warm",
    "bar_chart",
    "funnel_chart",
    "heat_map",
    "line_chart",
    "share",
    "spark",
]
