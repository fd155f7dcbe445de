int part_15(int x);
int *part_15_private(void);
