extern int vault_secret;
typedef struct IA2_fnptr__ZTSPFiiE check_fn;
int vault_open(int code);
int vault_ask(check_fn check);
