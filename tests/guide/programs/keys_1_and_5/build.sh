# Compartments 1 and 5 and none between.
dso five 5 five.c --
dso main 1 main.c -- -lfive
