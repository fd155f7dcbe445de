dso meter 2 meter.c --
dso main 1 main.c -- -lmeter
