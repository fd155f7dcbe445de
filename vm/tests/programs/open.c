// Opens the library named on the command line and prints its number.
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) {
    printf("%s\n", dlerror());
    return 1;
  }
  int (*number)(void) = (int (*)(void))dlsym(library, "number");
  printf("opened %d\n", number());
  return 0;
}
