int part_12(int x);
int *part_12_private(void);
