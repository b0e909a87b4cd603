"""Where files meet logic: one function for each command."""
