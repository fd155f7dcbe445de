int part_3(int x);
int *part_3_private(void);
