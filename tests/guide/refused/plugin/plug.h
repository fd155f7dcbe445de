/* Counts the running thread's calls, in steps of this size. */
int plug_count(int step);
