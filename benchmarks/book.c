/* What dealers are shown before each bar, by hand: the greeks of every contract in the book, and what they lack to be
   hedged. The arithmetic is that of flowsim/pricing/black.py, surface.py and book.py. */
#include "layout.h"
#include "mathematics.h"

#define EXPIRED 1e-10
#define FARTHEST 37.5
#define ONE_OVER_SQRT_TAU 0.3989422804014327
#define POINT 0.01
#define ROW(array, row) ((array) + (int64_t)(row) * LANES)
enum { AT_CLOSE = 1 };
enum { DELTA, GAMMA, VEGA, VANNA, CHARM, VALUE, N_GREEKS };

static inline double normal_density(double x)
{
    double size = smaller(fabs(x), FARTHEST), square = size * size, lost = fused(size, size, -square);
    double near = exponential(-0.5 * square);
    return fabs(x) > FARTHEST ? 0.0 : ONE_OVER_SQRT_TAU * fused(near, -0.5 * lost, near);
}

static inline double mills_ratio(double x)
{
    double above = fused(x, 3.433355905079776e-06, 9.248130121942257e-05);
    above = fused(x, above, 1.2193650496021356e-03);
    above = fused(x, above, 1.0181680304568792e-02);
    above = fused(x, above, 5.888893860541423e-02);
    above = fused(x, above, 2.43835795951689e-01);
    above = fused(x, above, 7.228860117708605e-01);
    above = fused(x, above, 1.4857425762188983);
    above = fused(x, above, 1.9400345224182178);
    above = fused(x, above, 1.2533141373155001);
    double below = fused(x, 3.43335590509155e-06, 9.248130121703071e-05);
    below = fused(x, below, 1.2227984057267274e-03);
    below = fused(x, below, 1.0274161593650674e-02);
    below = fused(x, below, 6.0101437398706097e-02);
    below = fused(x, below, 2.538325012518978e-01);
    below = fused(x, below, 7.793708096478587e-01);
    below = fused(x, below, 1.710135704516011);
    below = fused(x, below, 2.5571351713075434);
    below = fused(x, below, 2.3458081536649122);
    below = fused(x, below, 1.0);
    return above / below;
}

static inline double total_variance(double k, double theta, double phi, double rho)
{
    double scaled = phi * k, bent = scaled + rho;
    return 0.5 * theta * (1.0 + rho * scaled + sqrt(bent * bent + (1.0 - rho * rho)));
}

static void add_greeks(Floats restrict log_price, Floats restrict log_strike, Floats restrict quantity,
                       Floats restrict variance, Floats restrict phi, double rho, double left, double is_call,
                       double years, double sessions, double *restrict sums)
{
    double d1[LANES], total_vol[LANES], per_total_vol[LANES];
    FOR_LANES {
        double k = log_strike[lane] - log_price[lane];
        total_vol[lane] = sqrt(left * total_variance(k, variance[lane], phi[lane], rho));
        per_total_vol[lane] = 1.0 / larger(total_vol[lane], EXPIRED);
        d1[lane] = 0.5 * total_vol[lane] - k * per_total_vol[lane];
    }
    double put = 1.0 - is_call, of_vega = sqrt(years) * POINT, half_day = 0.5 / sessions;
    FOR_LANES {
        double d = d1[lane], v = total_vol[lane], per_v = per_total_vol[lane], density = normal_density(d);
        double tail = density * mills_ratio(smaller(fabs(d), FARTHEST)), call_delta = d > 0.0 ? 1.0 - tail : tail;
        double held = quantity[lane], held_vega = held * (v > EXPIRED ? density : 0.0), against = held_vega * (v - d);
        sums[DELTA * LANES + lane] += held * (call_delta - put);
        sums[GAMMA * LANES + lane] += held_vega * per_v * POINT;
        sums[VEGA * LANES + lane] += held_vega * of_vega;
        sums[VANNA * LANES + lane] += against * per_v * of_vega;
        sums[CHARM * LANES + lane] -= against * half_day;
    }
}

/* Do so `times` over: `n_slots` contracts, up to `n_columns` expiries marked, `held` the stock that dealers hold. */
void publish_hedge(const Listing *listing, Book *book, int64_t n_slots, int64_t n_columns, double rho, Floats log_price,
                Floats held, double *gap, double *gamma, int64_t day, double elapsed, int64_t last_bar, int64_t times)
{
    for (int64_t time = 0; time < times; time++) {
        memset(book->total, 0, N_GREEKS * LANES * sizeof(double));
        for (int64_t slot = 0; slot < n_slots; slot++) {
            int64_t column = listing->slot_expiry[day * n_slots + slot];
            if (column < 0 || (last_bar && listing->slot_settles[day * n_slots + slot] == AT_CLOSE))
                continue;
            double sessions = listing->sessions_left[day * n_columns + column];
            add_greeks(log_price, ROW(book->log_strike, slot), ROW(book->quantity, slot), ROW(book->variance, column),
                       ROW(book->phi, column), rho, larger(1.0 - elapsed / sessions, 0.0), listing->slot_call[slot],
                       listing->years[day * n_columns + column], larger(sessions - elapsed, 1e-9), book->total);
        }
        FOR_LANES {
            gap[lane] = book->total[DELTA * LANES + lane] - held[lane];
            gamma[lane] = -book->total[GAMMA * LANES + lane];
        }
    }
}

typedef int64_t OptionKernel(int64_t *words, int64_t phase, int64_t day, int64_t step, int64_t path0, int64_t live);

/* Call flowsim's kernel of the option market `times` over. */
void call_options_often(OptionKernel *kernel, int64_t *words, int64_t phase, int64_t day, int64_t step, int64_t times)
{
    for (int64_t time = 0; time < times; time++)
        kernel(words, phase, day, step, 0, LANES);
}
