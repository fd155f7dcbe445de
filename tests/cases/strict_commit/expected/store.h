/* Keeps blocks of a MiB, at most so many; says how many it got. */
int store_fill(int most);
void store_empty(void);
/* The first byte of the last block. */
char *store_last(void);
int store_count(int thread);
