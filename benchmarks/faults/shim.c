/* Comes between a program and the C library: the n-th call that changes a file comes to harm.
 *
 * Loaded by LD_PRELOAD, so it sees what Python does and what C libraries do. Until shim_arm() is
 * called, everything passes. Only paths below the folder that it is given count, and relative ones.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NOTHING, KILL, TERM, FAULT, FULL };

static int how = NOTHING, armed = 0, log_to = -1, waits = 1;
static long victim = 0;
static pid_t owner = 0;
static atomic_long calls = 0;
static char below[4096];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void shim_arm(int kind, long number, const char *folder, int log_descriptor) {
    how = kind, victim = number, owner = getpid(), log_to = log_descriptor;
    strncpy(below, folder, sizeof below - 1);
    atomic_store(&calls, 0);
    armed = 1;
}

long shim_disarm(void) {
    armed = 0;
    return atomic_load(&calls);
}

/* What was written needs no disk where no power goes off, and waiting for one takes most of the time. */
void shim_hurry(void) {
    waits = 0;
}

static int counts(const char *path) {
    return armed && path && getpid() == owner && (path[0] != '/' || !strncmp(path, below, strlen(below)));
}

static const char *path_of(int descriptor, char *room, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, room, size - 1);
    room[length > 0 ? length : 0] = 0;
    return length > 0 && room[0] == '/' ? room : "/";
}

/* Whether this is the call that comes to harm; errno is set if it has to fail. */
static int harmed(const char *call, const char *path, const char *other, int grows) {
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (log_to >= 0) dprintf(log_to, "%s\t%s\t%s\n", call, path, other);
    if (how == FULL && number > victim && grows) return errno = ENOSPC, 1;
    if (number != victim) return 0;
    if (how == KILL) kill(owner, SIGKILL);
    if (how == TERM) kill(owner, SIGTERM);
    if (how == FULL) return errno = ENOSPC, 1;
    if (how == FAULT) return errno = EIO, 1;
    return 0;
}

/* A call by path: fails, or goes on. */
#define BY_PATH(type, name, signature, arguments, path, other, grows) \
    type name signature { \
        if (counts(path) && harmed(#name, path, other, grows)) return -1; \
        return REAL(name) arguments; \
    }
/* A call by descriptor. */
#define BY_FD(name, signature, arguments, grows) \
    int name signature { \
        char room[4096]; \
        const char *path = path_of(fd, room, sizeof room); \
        if (counts(path) && harmed(#name, path, "", grows)) return -1; \
        return REAL(name) arguments; \
    }

/* A call that waits for the disk. */
#define WAITING(name) \
    int name(int fd) { \
        char room[4096]; \
        const char *path = path_of(fd, room, sizeof room); \
        if (counts(path) && harmed(#name, path, "", 1)) return -1; \
        return waits ? REAL(name)(fd) : 0; \
    }

BY_PATH(int, rename, (const char *a, const char *b), (a, b), a, b, 0)
BY_PATH(int, renameat, (int d, const char *a, int e, const char *b), (d, a, e, b), a, b, 0)
BY_PATH(int, unlink, (const char *a), (a), a, "", 0)
BY_PATH(int, unlinkat, (int d, const char *a, int f), (d, a, f), a, "", 0)
BY_PATH(int, rmdir, (const char *a), (a), a, "", 0)
BY_PATH(int, mkdir, (const char *a, mode_t m), (a, m), a, "", 1)
BY_PATH(int, mkdirat, (int d, const char *a, mode_t m), (d, a, m), a, "", 1)
BY_PATH(int, chmod, (const char *a, mode_t m), (a, m), a, "", 0)
BY_PATH(int, fchmodat, (int d, const char *a, mode_t m, int f), (d, a, m, f), a, "", 0)
BY_PATH(int, link, (const char *a, const char *b), (a, b), b, a, 1)
BY_PATH(int, symlink, (const char *a, const char *b), (a, b), b, a, 1)
BY_PATH(int, truncate, (const char *a, off_t n), (a, n), a, "", 0)
BY_PATH(int, utimensat, (int d, const char *a, const struct timespec t[2], int f), (d, a, t, f), a, "", 0)
WAITING(fsync)
WAITING(fdatasync)
BY_FD(fchmod, (int fd, mode_t m), (fd, m), 0)
BY_FD(ftruncate, (int fd, off_t n), (fd, n), 0)
BY_FD(ftruncate64, (int fd, off64_t n), (fd, n), 0)

/* Of what is written half arrives before the process is killed or the disk is full. */
#define WRITING(name, signature, fd, half, whole) \
    ssize_t name signature { \
        char room[4096]; \
        const char *path = fd > 2 && armed && fd != log_to ? path_of(fd, room, sizeof room) : "/"; \
        if (counts(path)) { \
            int last = atomic_load(&calls) + 1 == victim; \
            if (last && (how == KILL || how == FULL)) (void)!REAL(name) half; \
            if (harmed(#name, path, "", 1)) return -1; \
        } \
        return REAL(name) whole; \
    }
WRITING(write, (int fd, const void *b, size_t n), fd, (fd, b, n / 2), (fd, b, n))
WRITING(pwrite, (int fd, const void *b, size_t n, off_t o), fd, (fd, b, n / 2, o), (fd, b, n, o))
WRITING(pwrite64, (int fd, const void *b, size_t n, off64_t o), fd, (fd, b, n / 2, o), (fd, b, n, o))
WRITING(writev, (int fd, const struct iovec *v, int n), fd, (fd, v, n / 2), (fd, v, n))
ssize_t sendfile(int, int, off_t *, size_t);
ssize_t sendfile64(int, int, off64_t *, size_t);
WRITING(sendfile, (int fd, int from, off_t *o, size_t n), fd, (fd, from, o, 1), (fd, from, o, n))
WRITING(sendfile64, (int fd, int from, off64_t *o, size_t n), fd, (fd, from, o, 1), (fd, from, o, n))
WRITING(copy_file_range, (int from, off64_t *p, int fd, off64_t *o, size_t n, unsigned f), fd,
        (from, p, fd, o, 1, f), (from, p, fd, o, n, f))

#define OPENING(name, signature, path, flags, arguments) \
    int name signature { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        if (flags & (O_WRONLY | O_RDWR | O_CREAT) && counts(path) && \
            harmed(#name, path, "", flags & O_CREAT && access(path, F_OK))) \
            return -1; \
        return REAL(name) arguments; \
    }
OPENING(open, (const char *path, int flags, ...), path, flags, (path, flags, mode))
OPENING(open64, (const char *path, int flags, ...), path, flags, (path, flags, mode))
OPENING(openat, (int d, const char *path, int flags, ...), path, flags, (d, path, flags, mode))
OPENING(openat64, (int d, const char *path, int flags, ...), path, flags, (d, path, flags, mode))

#define STREAM(name) \
    FILE *name(const char *path, const char *mode) { \
        if (strpbrk(mode, "wa+") && counts(path) && harmed(#name, path, "", 1)) return NULL; \
        return REAL(name)(path, mode); \
    }
STREAM(fopen)
STREAM(fopen64)
