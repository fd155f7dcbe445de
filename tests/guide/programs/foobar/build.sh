# main.c is compartment 1; src/foo.c and source/bar.c are one library, compartment 2.
dso foo 2 src/foo.c source/bar.c --
dso main 1 main.c -- -lfoo
