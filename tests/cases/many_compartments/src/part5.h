int part_5(int x);
int *part_5_private(void);
