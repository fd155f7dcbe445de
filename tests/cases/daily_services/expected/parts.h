#pragma once
int fourth_use(int round);
int fifth_use(int round);
int fifth_peek(const int *number);
void fifth_ring(int every);
int fifth_rung(void);
int fourth_churn(int times);
