# The library is compartment 1, the executable compartment 2.
dso clock 1 clock.c --
dso main 2 main.c args.c -- -lclock
