// Prints what it was given: arguments, environment, directory, user, standard input.
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv, char **environment) {
  char directory[4096];
  for (int i = 0; i < argc; i++) printf("arg %d [%s]\n", i, argv[i]);
  for (char **e = environment; *e; e++) printf("env [%s]\n", *e);
  printf("cwd [%s]\n", getcwd(directory, sizeof directory));
  printf("user %d group %d\n", (int)geteuid(), (int)getegid());
  printf("stdin [");
  for (int c; (c = getchar()) != EOF;) printf("%02x", c);
  printf("]\n");
  return 0;
}
