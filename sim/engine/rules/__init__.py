"""Every decision and update of the model, one scalar function each, in the words of the field.

A rule reads records (``sim.engine.records``) and returns numbers or changes the record that it is
named after. The same compiled functions serve forecasting, calibration and the agents. To find the
rule for a belligerent's answer, open ``answers``; for the threat clock, ``pressure``.
"""
