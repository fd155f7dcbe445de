int part_11(int x);
int *part_11_private(void);
