#ifndef LIB_H
#define LIB_H
void lib_sorting(void);
void lib_files(void);
void lib_threads(void);
void lib_loader(void);
void lib_streams(void);
void lib_late(void);
unsigned lib_swapped(unsigned short (*swap)(unsigned short), unsigned short x);
#endif
