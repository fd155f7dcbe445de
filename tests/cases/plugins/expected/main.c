#include <dlfcn.h>
#include <ia2.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib.h"
#include "plug.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int main_secret = 3;
static const char own_name[] IA2_SHARED_DATA = "libown.so";

IA2_STATIC_FN(step, _ZTSPFiiE, main_c) static int step(int x) { return x + main_secret; } IA2_REGISTER_LOCAL(step, 0xdbb59f0e3864292a)

static const struct plug_ops *volatile loaded;
static sem_t start, done;

/* Lives longer than the plugin. */
static void *worker(void *argument)
{
    for (int round = 0; round < 3; round++) {
        sem_wait(&start);
        const struct plug_ops *ops = loaded;
        for (int i = 0; i < 50; i++)
            if (IA2_CALL(ops->add, _ZTSPFiiiE)(i, round) != i + round || IA2_CALL(ops->each, _ZTSPFiiPFiiEE)(3, IA2_FN(step)) != 18)
                printf("worker: wrong\n");
        sem_post(&done);
    }
    return argument;
}

static void *short_worker(void *argument)
{
    const struct plug_ops *ops = loaded;
    return (void *)(long)(IA2_CALL(ops->add, _ZTSPFiiiE)(1, 2) + *(int *)argument);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t workers[3], thread;

    sem_init(&start, 0, 0);
    sem_init(&done, 0, 0);
    if (!strcmp(what, "into-main")) {
        int status = lib_load(own_name);
        printf("%d\n", status);
        return 0;
    }
    for (int i = 0; i < 3; i++)
        pthread_create(&workers[i], NULL, worker, NULL);
    for (int round = 0; round < 3; round++) {
        void *handle = dlopen("libplug.so", RTLD_NOW | RTLD_LOCAL);
        if (!handle) {
            printf("%s\n", dlerror());
            return 1;
        }
        struct IA2_fnptr__ZTSPFPK8plug_opsiE get = (struct IA2_fnptr__ZTSPFPK8plug_opsiE){(void *)(dlsym(handle, "plug_get"))};
        struct IA2_fnptr__ZTSPFivE calls = (struct IA2_fnptr__ZTSPFivE){(void *)(dlsym(handle, "plug_local_calls"))};
        loaded = IA2_CALL(get, _ZTSPFPK8plug_opsiE)(1);
        int sum = IA2_CALL(loaded->add, _ZTSPFiiiE)(2, 3);
        printf("round %d: %d %d, %d\n", round, sum, IA2_CALL(loaded->each, _ZTSPFiiPFiiEE)(4, IA2_FN(step)), IA2_CALL(calls, _ZTSPFivE)());
        for (int i = 0; i < 3; i++)
            sem_post(&start);
        for (int i = 0; i < 3; i++)
            sem_wait(&done);
        for (int i = 0; i < 20; i++) {
            int ten = 10;
            void *result;
            pthread_create(&thread, NULL, short_worker, &ten);
            pthread_join(thread, &result);
            if ((long)result != 13)
                printf("short: wrong\n");
        }
        fflush(stdout);
        if (!strcmp(what, "poke-main"))
            IA2_CALL(loaded->poke, _ZTSPFvPiE)(&main_secret);
        if (!strcmp(what, "poke-plug"))
            lib_poke(IA2_CALL(loaded->secret, _ZTSPFPivE)());
        if (!strcmp(what, "poke-tls"))
            lib_poke(IA2_CALL(loaded->local, _ZTSPFPivE)());
        /* A second reference: stays. */
        void *again = dlopen("libplug.so", RTLD_NOW | RTLD_NOLOAD);
        printf("same: %d\n", again == handle);
        dlclose(again);
        printf("still: %d\n", IA2_CALL(loaded->add, _ZTSPFiiiE)(4, 5));
        pid_t child = fork();
        if (child == 0)
            _exit(IA2_CALL(loaded->add, _ZTSPFiiiE)(6, 7) + IA2_CALL(loaded->each, _ZTSPFiiPFiiEE)(2, IA2_FN(step)));
        int status = 0;
        waitpid(child, &status, 0);
        printf("child: %d\n", status >> 8);
        dlclose(handle);
        printf("gone: %d\n", dlopen("libplug.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(workers[i], NULL);
    void *own = dlopen("libown.so", RTLD_NOW);
    struct IA2_fnptr__ZTSPFivE value = (struct IA2_fnptr__ZTSPFivE){(void *)(dlsym(own, "own_value"))};
    printf("own: %d\n", IA2_CALL(value, _ZTSPFivE)());
    printf("counted %d\n", lib_counted());
    printf("missing: %d %d\n", dlopen("libnothing.so", RTLD_NOW) == NULL, dlsym(own, "nothing") == NULL);
    return 0;
}
IA2_NEED(lib_counted)
IA2_NEED(lib_load)
IA2_NEED(lib_poke)
