int pool_run(int count);
void pool_poke(int *p);
int main_bonus(int x);
