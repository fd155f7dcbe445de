// Writes every byte value to standard output and, backwards, to standard error, many times.
#include <unistd.h>

int main(void) {
  unsigned char up[256], down[256];
  for (int i = 0; i < 256; i++) up[i] = i, down[i] = 255 - i;
  for (int i = 0; i < 4096; i++) {
    if (write(1, up, sizeof up) != sizeof up) return 1;
    if (write(2, down, sizeof down) != sizeof down) return 1;
  }
  return 0;
}
