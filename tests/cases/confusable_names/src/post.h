typedef int (*post_step)(int);

int send(int x);
int send_end(int x);
int send_slow(int x);
int Lsend(int x);

/* A static function `step` of post.c is known by the name of the file, and its own. */
post_step get_step(void);
int post_c_step(int x);

/* Two files whose names differ in a character that no symbol has, with a static function of one name. */
post_step get_box(void);
post_step get_other_box(void);

int say(int count, ...);
int say_with_ii(int count);

/* Words that an assembler knows, and characters that few names have. */
int rax(int x);
int offset(int x);
int gr\u00f6\u00dfe(int x);
int with$dollar(int x);
