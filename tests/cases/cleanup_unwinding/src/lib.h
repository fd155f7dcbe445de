/* Goes on in a callback, with a cleanup handler of its own. */
int lib_through(int (*inner)(int), int how, int *poke);
/* Ends or waits here. */
void lib_end(int how);
int lib_cleaned(void);
int lib_plainly(int (*inner)(int), int how);
void lib_stop(int how);
int lib_ended(void);
