/* Stands in the place of a tool, runs the real one from the folder "real" beside it, and adds to /run/calls what that took:
 * name, wall ns, user us, system us, peak KiB.
 *
 * crm_simulate is run as often as /run/simulations says. From then on its last graph is handed out again, in no time and not counted: for a large
 * cluster it takes minutes to ask it about every node, and what is measured here is the program that asks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long microseconds(struct timeval time)
{
    return time.tv_sec * 1000000LL + time.tv_usec;
}

static void copy(const char *from, const char *to)
{
    struct stat about;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0 || fstat(in, &about) != 0 || sendfile(out, in, NULL, about.st_size) != about.st_size) {
        fprintf(stderr, "clocked: %s to %s: %s\n", from, to, strerror(errno));
        exit(70);
    }
    close(in);
    close(out);
}

/* How many real simulations are left; one fewer from now on. */
static int simulations_left(void)
{
    int left = 0;
    FILE *file = fopen("/run/simulations", "r+");
    if (file == NULL || fscanf(file, "%d", &left) != 1)
        exit(70);
    rewind(file);
    fprintf(file, "%d\n", left - 1);
    fclose(file);
    return left;
}

int main(int count, char **words)
{
    const char *name = basename(words[0]), *graph = NULL;
    char path[256];
    for (int at = 1; at + 1 < count; at++)
        if (strcmp(words[at], "--save-graph") == 0)
            graph = words[at + 1];
    if (graph != NULL && simulations_left() <= 0) {
        copy("/run/last-graph", graph);
        return 0;
    }
    snprintf(path, sizeof path, "/usr/sbin/real/%s", name);

    struct rusage used;
    int status;
    pid_t child;
    long long began = now();
    if (posix_spawn(&child, path, NULL, NULL, words, environ) != 0 || wait4(child, &status, 0, &used) != child)
        return 70;
    long long took = now() - began;
    FILE *calls = fopen("/run/calls", "a");
    if (calls == NULL)
        return 70;
    fprintf(calls, "%s %lld %lld %lld %ld\n", name, took, microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss);
    fclose(calls);
    if (graph != NULL)
        copy(graph, "/run/last-graph");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
