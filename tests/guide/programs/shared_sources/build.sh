# text.c is compiled into all three; the libraries call each other and the executable.
dso even 2 even.c text.c --
dso odd 3 odd.c text.c --
dso main 1 main.c text.c -- -leven -lodd
