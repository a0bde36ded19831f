/* Starts programs in turn, one at a time, and prints for each run: name, exit code, wall ns, user us, system us, peak KiB, page faults.
 *
 * measure ROUNDS [-- NAME [VARIABLE=VALUE …] /PROGRAM [ARGUMENT …]] …
 *
 * In C because it must be small: the kernel counts the peak memory of whoever starts a program as that program's own, up to the exec.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST = 16, WORDS = 64 };

static struct command {
    const char *name;
    char *environment[WORDS];
    char *arguments[WORDS];
} commands[MOST];

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

static void run(const struct command *command, const posix_spawn_file_actions_t *silence)
{
    struct rusage used;
    int status;
    pid_t child;
    long long began = now();
    int error = posix_spawn(&child, command->arguments[0], silence, NULL, command->arguments, command->environment);
    if (error != 0 || wait4(child, &status, 0, &used) != child) {
        fprintf(stderr, "measure: %s: %s\n", command->arguments[0], error ? strerror(error) : "it cannot be waited for");
        exit(1);
    }
    printf("%s %d %lld %lld %lld %ld %ld\n", command->name, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
        now() - began, microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss, used.ru_minflt);
}

int main(int count, char **words)
{
    int rounds = count > 1 ? atoi(words[1]) : 0, size = 0;
    for (int at = 2; at < count;) {
        if (strcmp(words[at++], "--") != 0 || at == count || size == MOST || count - at > MOST * WORDS)
            return 64;
        struct command *command = &commands[size++];
        command->name = words[at++];
        int variables = 0, arguments = 0;
        while (at < count && words[at][0] != '/' && variables < WORDS - 1)
            command->environment[variables++] = words[at++];
        while (at < count && strcmp(words[at], "--") != 0 && arguments < WORDS - 1)
            command->arguments[arguments++] = words[at++];
        if (arguments == 0)
            return 64;
    }
    if (rounds < 1 || size == 0)
        return 64;

    posix_spawn_file_actions_t silence;
    posix_spawn_file_actions_init(&silence);
    for (int stream = 0; stream < 3; stream++)
        posix_spawn_file_actions_addopen(&silence, stream, "/dev/null", O_RDWR, 0);
    /* Each round begins with another program, so that none always comes after the same one. */
    for (int round = 0; round < rounds; round++)
        for (int turn = 0; turn < size; turn++)
            run(&commands[(round + turn) % size], &silence);
    return 0;
}
