dso beeper 2 beeper.c --
dso main 1 main.c -- -lbeeper
