/* Stand-ins that the engine calls by address instead of its kernels: each times the kernel that it stands for. */
#define _POSIX_C_SOURCE 200112L
#include <stdint.h>
#include <time.h>

enum { MOST_RULES = 32, MOST_PHASES = 8 };

typedef void Rule(double *view, double *params, double *state, double *orders, int64_t agents, int64_t path0,
                  int64_t step, uint64_t k0, uint64_t k1, int64_t mirror);
typedef int64_t OptionMarket(int64_t *words, int64_t phase, int64_t day, int64_t step, int64_t path0, int64_t live);

static Rule *rules[MOST_RULES];
static OptionMarket *option_market;
static double rule_seconds[MOST_RULES], phase_seconds[MOST_PHASES];

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

#define TIMED_RULE(n) \
    static void rule_##n(double *view, double *params, double *state, double *orders, int64_t agents, int64_t path0, \
                         int64_t step, uint64_t k0, uint64_t k1, int64_t mirror) \
    { double began = now(); rules[n](view, params, state, orders, agents, path0, step, k0, k1, mirror); \
      rule_seconds[n] += now() - began; }
#define EIGHT(do, a, b, c, d, e, f, g, h) do(a) do(b) do(c) do(d) do(e) do(f) do(g) do(h)
#define ALL(do) EIGHT(do, 0, 1, 2, 3, 4, 5, 6, 7) EIGHT(do, 8, 9, 10, 11, 12, 13, 14, 15) \
    EIGHT(do, 16, 17, 18, 19, 20, 21, 22, 23) EIGHT(do, 24, 25, 26, 27, 28, 29, 30, 31)
#define ADDRESS(n) rule_##n,
ALL(TIMED_RULE)
static Rule *const stand_ins[MOST_RULES] = {ALL(ADDRESS)};

static int64_t timed_option_market(int64_t *words, int64_t phase, int64_t day, int64_t step, int64_t path0,
                                   int64_t live)
{
    double began = now();
    int64_t status = option_market(words, phase, day, step, path0, live);
    phase_seconds[phase] += now() - began;
    return status;
}

/* Stand in for a rule's kernel, and for the option market's; return the address to call. */
int64_t time_rule(int64_t number, int64_t kernel) { rules[number] = (Rule *)kernel; return (int64_t)stand_ins[number]; }
int64_t time_options(int64_t kernel) { option_market = (OptionMarket *)kernel; return (int64_t)timed_option_market; }

/* Give what was measured since the last time, and start again. */
void take_seconds(double *of_rules, double *of_phases)
{
    for (int n = 0; n < MOST_RULES; n++) { of_rules[n] = rule_seconds[n]; rule_seconds[n] = 0.0; }
    for (int n = 0; n < MOST_PHASES; n++) { of_phases[n] = phase_seconds[n]; phase_seconds[n] = 0.0; }
}
