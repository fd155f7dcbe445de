int lib_add(int x, int y);
void lib_poke(void *p);
