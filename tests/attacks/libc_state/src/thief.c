#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <error.h>
#include <stdio.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* Runs with the rights of whoever calls libc's error(). */
static void planted(void)
{
    unsigned int pkru = ia2_get_pkru();

    if (!(pkru >> 2 & 1)) {
        BOARD->landed++;
        BOARD->landed_pkru = pkru;
    }
    _exit(0);
}

/* Everything here is on key 0, and only written to: no instruction is chosen. */
void thief_plant(int what, unsigned char *target)
{
    switch (what) {
    case PROGNAME: error_print_progname = IA2_IGNORE(planted); break;
    case STDIO_WRITE:
        stdout->_IO_write_base = (char *)target;
        stdout->_IO_write_ptr = (char *)target;
        stdout->_IO_write_end = (char *)target + 16;
        break;
    default:
        /* So that it does not seek first. */
        stdout->_IO_read_end = (char *)target;
        stdout->_IO_write_base = (char *)target;
        stdout->_IO_write_ptr = (char *)target + 16;
        stdout->_IO_write_end = (char *)target + 16;
        break;
    }
}

/* What has arrived in the file behind standard output. */
void thief_collect(void)
{
    char bytes[256];
    ssize_t got = pread(1, bytes, sizeof bytes, 0);

    if (got > 0)
        take(bytes, (size_t)got);
}

int thief_honest(int number) { return number * 7; }
