extern int vault_secret;
typedef int (*check_fn)(int);
int vault_open(int code);
int vault_ask(check_fn check);
