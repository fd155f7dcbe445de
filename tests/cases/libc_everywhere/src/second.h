int second_use(const char *program);
int second_peek(const char *block);
