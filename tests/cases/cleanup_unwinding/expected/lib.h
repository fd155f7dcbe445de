/* Goes on in a callback, with a cleanup handler of its own. */
int lib_through(struct IA2_fnptr__ZTSPFiiE inner, int how, int *poke);
/* Ends or waits here. */
void lib_end(int how);
int lib_cleaned(void);
int lib_plainly(struct IA2_fnptr__ZTSPFiiE inner, int how);
void lib_stop(int how);
int lib_ended(void);
