int walk_all(int levels, int (*step)(int *, int), int *sum);
void walk_touch(int *p);
