int part_8(int x);
int *part_8_private(void);
