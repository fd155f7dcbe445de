// Prints the number of the library it is linked to.
#include <stdio.h>

int number(void);

int main(void) {
  printf("number %d\n", number());
  return 0;
}
