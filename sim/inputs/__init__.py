"""What goes in: scenarios, levers, parameters, actors, ensembles; checked once."""
