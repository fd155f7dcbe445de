int part_6(int x);
int *part_6_private(void);
