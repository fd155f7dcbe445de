# The macros of ia2.h, written by hand in the original source.
dso keeper 2 keeper.c --
dso main 1 main.c -- -lkeeper
