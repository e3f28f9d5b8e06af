"""`python -m sim.cli` is `truce`."""

from sim.cli import main

if __name__ == "__main__":
    main()
