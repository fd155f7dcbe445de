int part_14(int x);
int *part_14_private(void);
