struct PREFIX(state) {
    const char *text;
    int (*report)(const char *kind, int at);
};
static int PREFIX(letter)(struct PREFIX(state) * state, int at)
{
    return state->report ? state->report(KIND, at) : 0;
}
static int PREFIX(other)(struct PREFIX(state) * state, int at)
{
    (void)state;
    return at;
}
#ifdef WIDE
static int PREFIX(skip)(struct PREFIX(state) * state, int at) { return PREFIX(other)(state, at + WIDE); }
#endif
static int PREFIX(scan)(const char *text, int (*report)(const char *, int))
{
    static int (*const table[])(struct PREFIX(state) *, int) = {
        PREFIX(letter),
        PREFIX(other),
#ifdef WIDE
        PREFIX(skip),
#endif
    };
    struct PREFIX(state) state = { text, report };
    int sum = 0;
    for (int i = 0; text[i]; i += STEP)
        sum += table[i % (sizeof table / sizeof table[0])](&state, __LINE__ * 0 + i);
    return sum;
}
