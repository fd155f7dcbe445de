#ifndef PARSER_H
#define PARSER_H

int parser_feed(const char *text);
long *parser_state(void);
long parser_read(const long *at);
#endif
