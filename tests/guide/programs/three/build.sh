# A chain: main calls the parser, which calls the store.
dso store 3 lib/store.c --
dso parser 2 lib/parser.c -- -lstore
dso main 1 main.c -- -lparser -lstore
