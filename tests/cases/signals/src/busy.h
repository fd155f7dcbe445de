extern volatile int main_count;
void busy_raise(int signal);
long busy_spin(long rounds);
void busy_install(void);
int busy_handled(void);
int busy_value(int x);
void busy_attack(void);
