int part_9(int x);
int *part_9_private(void);
