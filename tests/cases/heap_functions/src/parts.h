#pragma once
int store_use(void);
int store_peek(const volatile void *block);
int open_use(void);
