# Variables of every kind that are shared, beside others that are not.
dso peer 2 peer.c --
dso main 1 main.c -- -lpeer
