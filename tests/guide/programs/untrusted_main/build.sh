# The executable has no key; the library that it must not look into has one.
dso safe 1 safe.c --
dso main 0 main.c -- -lsafe
