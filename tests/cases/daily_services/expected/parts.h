#pragma once
int fourth_use(int round);
int fifth_use(int round);
int fifth_peek(const int *number);
