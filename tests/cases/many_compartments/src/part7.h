int part_7(int x);
int *part_7_private(void);
