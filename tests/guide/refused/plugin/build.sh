# main.c is compartment 1 and loads libplug.so, compartment 2, while it runs.
dso plug 2 plug.c --
dso main 1 main.c --
