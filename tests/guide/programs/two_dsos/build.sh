# Two libraries are one compartment: each says so itself.
dso left 2 left.c --
dso right 2 right.c -- -lleft
dso main 1 main.c -- -lright -lleft
