int open_use(const char *program);
