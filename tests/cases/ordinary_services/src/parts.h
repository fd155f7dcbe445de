#pragma once
int second_use(void);
int second_flush(void);
int fifth_use(void);
int fifth_flush(void);
int fifth_peek(const int *number);
int open_use(void);
int open_flush(void);
