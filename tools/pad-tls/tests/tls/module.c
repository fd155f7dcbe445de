/* A shared object with thread-local variables. Set by the test:
 *   NAME     its name, which starts the names of its functions
 *   DATA     how many initialised longs it has, perhaps 0
 *   ZEROS    how many zero bytes it has, perhaps 0
 *   ALIGN    alignment of its first variable
 */
#include <string.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define OWN(x) JOIN(NAME, x)

#define FIRST 0x0102030405060708

#if DATA > 0
/* One variable is reached from outside, one only from here: two TLS models. */
__attribute__((aligned(ALIGN))) __thread long OWN(_data)[DATA] = {
    FIRST,
#if DATA > 1
    [DATA - 1] = FIRST,
#endif
};
static __thread long own_data = FIRST;
#endif
#if ZEROS > 0
__attribute__((aligned(ALIGN))) __thread unsigned char OWN(_zeros)[ZEROS];
static __thread unsigned char own_zero;
#endif

/* 0 if all variables are as in a new thread. */
int OWN(_is_fresh)(void) {
#if DATA > 0
  if (OWN(_data)[0] != FIRST || OWN(_data)[DATA - 1] != FIRST || own_data != FIRST) return 1;
  for (int i = 1; i < DATA - 1; i++)
    if (OWN(_data)[i] != 0) return 2;
  if ((unsigned long)OWN(_data) % ALIGN != 0) return 3;
#endif
#if ZEROS > 0
  for (int i = 0; i < ZEROS; i++)
    if (OWN(_zeros)[i] != 0) return 4;
  if (own_zero != 0) return 5;
  if ((unsigned long)OWN(_zeros) % ALIGN != 0) return 6;
#endif
  return 0;
}

void OWN(_fill)(unsigned char seed) {
#if DATA > 0
  memset(OWN(_data), seed, sizeof OWN(_data));
  own_data = seed;
#endif
#if ZEROS > 0
  memset(OWN(_zeros), seed, sizeof OWN(_zeros));
  own_zero = seed;
#endif
}

/* 0 if all variables hold what fill put there. */
int OWN(_holds)(unsigned char seed) {
#if DATA > 0
  for (unsigned i = 0; i < sizeof OWN(_data); i++)
    if (((unsigned char *)OWN(_data))[i] != seed) return 1;
  if (own_data != seed) return 2;
#endif
#if ZEROS > 0
  for (int i = 0; i < ZEROS; i++)
    if (OWN(_zeros)[i] != seed) return 3;
  if (own_zero != seed) return 4;
#endif
  return 0;
}

/* The address of a variable that other objects can name. */
void *OWN(_variable)(void) {
#if DATA > 0
  return OWN(_data);
#else
  return OWN(_zeros);
#endif
}
