int lib_twice(int x);
int lib_generate(int count);
void lib_poke(int *p);
