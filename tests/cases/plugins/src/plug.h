typedef int (*plug_step)(int);
struct plug_ops {
    int (*add)(int, int);
    int (*each)(int, plug_step);
    int *(*secret)(void);
    int *(*local)(void);
    void (*poke)(int *);
};
