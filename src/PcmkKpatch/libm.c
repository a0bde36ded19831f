/* glibc 2.29 gave these functions a second version, which does not set errno. The linker takes the newest, and the binary would then not
   start on RHEL 8 (glibc 2.28). The first versions are in every glibc, and return the same. */
#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#else
#error "the first version of this architecture's glibc is not known here"
#endif

#define ONE(function) \
    double first_##function(double); \
    __asm__(".symver first_" #function "," #function "@" FIRST); \
    double __wrap_##function(double x); \
    double __wrap_##function(double x) { return first_##function(x); }

#define TWO(function) \
    double first_##function(double, double); \
    __asm__(".symver first_" #function "," #function "@" FIRST); \
    double __wrap_##function(double x, double y); \
    double __wrap_##function(double x, double y) { return first_##function(x, y); }

ONE(exp)
ONE(exp2)
ONE(log)
ONE(log2)
TWO(pow)
