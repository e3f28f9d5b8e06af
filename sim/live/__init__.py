"""The live page of `truce explore`: a server on this machine that runs worlds as levers move."""
