#ifndef PARTS_H
#define PARTS_H

#include <stddef.h>

void intrude_request(void);
void intrude_block(void *block);
void intrude_end(void);
void intrude_look(void);
int intrude_honest(int number);

/* Tell and stop. */
#define BLOCK BOARD->scratch[0]
#define STOP BOARD->scratch[1]
#define CONTROL_PAGE BOARD->scratch[2]

#endif
