// Takes memory and touches it until there is none left.
#include <stdlib.h>
#include <string.h>

int main(void) {
  for (;;) {
    char *block = malloc(16 << 20);
    if (!block) return 9;
    memset(block, 1, 16 << 20);
  }
}
