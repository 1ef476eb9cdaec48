"""Ratios that say how the product scales: `./run bench`. Nothing here is imported by the product."""
