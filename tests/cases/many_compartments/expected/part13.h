int part_13(int x);
int *part_13_private(void);
