/* Ends a thread from inside, for which libc opens a library. */
#include <pthread.h>
#include <stdio.h>

static void *ends(void *result)
{
    pthread_exit(result);
}

int main(void)
{
    pthread_t thread;
    void *result = NULL;

    pthread_create(&thread, NULL, ends, "thread ended");
    pthread_join(thread, &result);
    puts(result);
    return 0;
}
