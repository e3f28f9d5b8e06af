"""What matters: levers, unknowns and luck, and whether a ranking of scenarios stands."""
