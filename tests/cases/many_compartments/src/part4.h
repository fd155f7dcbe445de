int part_4(int x);
int *part_4_private(void);
