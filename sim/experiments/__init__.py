"""Many runs that answer one question: sweeps over levers, scenarios compared."""
