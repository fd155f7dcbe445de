int other_call(void);
