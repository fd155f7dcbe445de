int part_2(int x);
int *part_2_private(void);
