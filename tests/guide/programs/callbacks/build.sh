dso engine 2 src/engine.c src/ops.c --
dso main 1 src/main.c -- -lengine
