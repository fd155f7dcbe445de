extern int main_secret;
void base_log(const char *text);
int base_count(void);
int hostile_idle(void);
