int part_10(int x);
int *part_10_private(void);
