/* Preloaded into a server by the drill of the failing disk: while the file that VESTIBULE_DRILL_FAULTS names holds a word,
 * what is asked of the database's files fails as a broken disk fails: `read`, `write` or `sync`, or any of them together. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Whether the descriptor is one of the database's files and the fault is on. Read by system calls of its own, so that it
 * does not meet itself. */
static int fails(int fd, const char *fault) {
    const char *faults = getenv("VESTIBULE_DRILL_FAULTS");
    char link[64], path[4096], wanted[64];
    int saved = errno, yes = 0;
    ssize_t length;
    if (!faults) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        if (strstr(path, ".db")) {
            long file = syscall(SYS_openat, AT_FDCWD, faults, O_RDONLY | O_CLOEXEC, 0);
            if (file >= 0) {
                long got = syscall(SYS_read, file, wanted, sizeof wanted - 1);
                syscall(SYS_close, file);
                wanted[got > 0 ? got : 0] = 0;
                yes = strstr(wanted, fault) != NULL;
            }
        }
    }
    errno = yes ? EIO : saved;
    return yes;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pread64(int fd, void *to, size_t length, off64_t at) {
    return fails(fd, "read") ? -1 : REAL(pread64)(fd, to, length, at);
}
ssize_t pread(int fd, void *to, size_t length, off_t at) {
    return fails(fd, "read") ? -1 : REAL(pread)(fd, to, length, at);
}
ssize_t pwrite64(int fd, const void *from, size_t length, off64_t at) {
    return fails(fd, "write") ? -1 : REAL(pwrite64)(fd, from, length, at);
}
ssize_t pwrite(int fd, const void *from, size_t length, off_t at) {
    return fails(fd, "write") ? -1 : REAL(pwrite)(fd, from, length, at);
}
int fsync(int fd) { return fails(fd, "sync") ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd, "sync") ? -1 : REAL(fdatasync)(fd); }
