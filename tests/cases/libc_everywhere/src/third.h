int third_use(const char *program);
