/*
 * cardd: a thumbnail service.
 *
 *     cardd [--layout] CLIENT:FILE.tif …
 *
 * For each request it renders the client's picture and prints a checksum of the pixels, which stands
 * for the thumbnail. Administrators are also shown the vault key. It is read from the file vault.key
 * at start, so that later only the memory of this process can leak it.
 *
 * --layout also prints where raster and client table are, for those who study attacks.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ia2.h>
#include <ia2_allocator.h>
#include <tiffio.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

enum { WIDTH = 128, HEIGHT = 128, PIXELS = WIDTH * HEIGHT, CLIENTS = 512 };
enum role { ROLE_GUEST = 0, ROLE_ADMIN = 0x41444d4e };

struct client {
    char name[16];
    uint32_t role;
    uint32_t served;
    char notes[40];
};

static char vault_key[64];
static struct client *clients;
/* The one thing that the service wants libtiff to write. Without compartments this is malloc. */
static uint32_t *raster;

static int read_vault_key(void)
{
    FILE *file = fopen("vault.key", "r");
    if (!file)
        return 0;
    int ok = fgets(vault_key, sizeof vault_key, file) != NULL;
    fclose(file);
    vault_key[strcspn(vault_key, "\n")] = '\0';
    return ok;
}

static int render(const char *path)
{
    TIFF *tiff = TIFFOpen(path, "r");
    if (!tiff)
        return 0;
    /* Documented to crop a larger picture to the size of the raster. */
    int ok = TIFFReadRGBAImageOriented(tiff, WIDTH, HEIGHT, raster, ORIENTATION_BOTLEFT, 1);
    TIFFClose(tiff);
    return ok;
}

static void serve(struct client *client, const char *path)
{
    memset(raster, 0, PIXELS * sizeof *raster);
    int ok = render(path);
    uint32_t thumbnail = 0;
    for (int i = 0; i < PIXELS; i++)
        thumbnail = thumbnail * 31 + raster[i];
    client->served++;
    printf("%.16s: ok=%d thumb=%08x role=%x\n", client->name, ok, thumbnail, client->role);
    if (client->role == ROLE_ADMIN)
        printf("ADMIN REPORT key=%s\n", vault_key);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!read_vault_key()) {
        fputs("cardd: cannot read vault.key\n", stderr);
        return 2;
    }
    raster = shared_malloc(PIXELS * sizeof *raster);
    clients = calloc(CLIENTS, sizeof *clients);
    if (!raster || !clients)
        return 2;
    for (int i = 0; i < CLIENTS; i++)
        snprintf(clients[i].name, sizeof clients[i].name, "client%d", i);

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--layout")) {
            printf("layout: raster=%p clients=%p end=%p\n", (void *)raster, (void *)clients,
                   (void *)(clients + CLIENTS));
            continue;
        }
        int client;
        int path;
        if (sscanf(argv[i], "%d:%n", &client, &path) != 1 || client < 0 || client >= CLIENTS) {
            fprintf(stderr, "cardd: not CLIENT:FILE.tif: %s\n", argv[i]);
            return 2;
        }
        serve(&clients[client], argv[i] + path);
    }
    return 0;
}
