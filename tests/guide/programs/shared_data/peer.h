#ifndef PEER_H
#define PEER_H
#define LINE 48
struct board {
    char line[LINE];
    unsigned writes;
};
extern struct board board;
extern int peer_limits[3];
extern const int peer_version;
extern const char *const peer_names[];
void peer_write(const char *text);
void peer_fill(char *to);
unsigned *peer_private(void);
#endif
