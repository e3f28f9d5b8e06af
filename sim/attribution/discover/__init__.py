"""In which members, at which levers, or both, a condition holds: in one true sentence."""
