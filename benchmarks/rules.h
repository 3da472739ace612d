/* The scenario's five rules, each for all agents on a block of 64 paths.

   view (fields, 64), params (fields, agents), state (fields, agents, 64); orders (64,) are added to. */
#pragma once
#include "layout.h"
#include "mathematics.h"

#define SEEN(field) (view + (field) * LANES)
#define PARAM(field) params[(field) * agents + agent]
#define LOWEST_VOL 0.001
#define HELD(field) (state + ((field) * agents + agent) * LANES)

static inline void vol_target(Floats restrict view, Floats restrict params, double *restrict state,
                              double *restrict orders, int64_t agents)
{
    Floats restrict rv_21 = SEEN(RV_21), rv_63 = SEEN(RV_63);
    for (int64_t agent = 0; agent < agents; agent++) {
        double capital_bn = PARAM(0), target_vol = PARAM(1), cap = PARAM(2), buffer = PARAM(3);
        double *restrict exposure = HELD(0);
        FOR_LANES {
            double wanted = smaller(cap, target_vol / larger(larger(rv_21[lane], rv_63[lane]), LOWEST_VOL));
            double gap = wanted - exposure[lane];
            double traded = fabs(gap) > buffer ? gap : 0.0;
            exposure[lane] += traded;
            orders[lane] += traded * capital_bn;
        }
    }
}

static inline void cta(Floats restrict view, Floats restrict params, double *restrict state, double *restrict orders,
                       int64_t agents)
{
    Floats restrict price = SEEN(PRICE), rv_63 = SEEN(RV_63);
    for (int64_t agent = 0; agent < agents; agent++) {
        double capital_bn = PARAM(0), target_vol = PARAM(1), cap = PARAM(2), softness = PARAM(6);
        double short_pace = 2.0 / (PARAM(3) + 1.0), short_root = sqrt(PARAM(3) / 252.0);
        double medium_pace = 2.0 / (PARAM(4) + 1.0), medium_root = sqrt(PARAM(4) / 252.0);
        double long_pace = 2.0 / (PARAM(5) + 1.0), long_root = sqrt(PARAM(5) / 252.0);
        double *restrict exposure = HELD(0);
        double *restrict shorts = HELD(1), *restrict mediums = HELD(2), *restrict longs = HELD(3);
        FOR_LANES {
            double now = price[lane], vol = larger(rv_63[lane], LOWEST_VOL), bend = softness * vol;
            double short_average = shorts[lane] + short_pace * (now - shorts[lane]);
            double medium_average = mediums[lane] + medium_pace * (now - mediums[lane]);
            double long_average = longs[lane] + long_pace * (now - longs[lane]);
            double signal = (tangent_h((now / short_average - 1.0) / (bend * short_root))
                + tangent_h((now / medium_average - 1.0) / (bend * medium_root))
                + tangent_h((now / long_average - 1.0) / (bend * long_root))) / 3.0;
            double wanted = signal * smaller(cap, target_vol / vol);
            orders[lane] += (wanted - exposure[lane]) * capital_bn;
            exposure[lane] = wanted;
            shorts[lane] = short_average;
            mediums[lane] = medium_average;
            longs[lane] = long_average;
        }
    }
}

static inline void buyback(Floats restrict view, Floats restrict params, double *restrict state,
                           double *restrict orders, int64_t agents)
{
    Floats restrict since = SEEN(DAYS_SINCE_QUARTER_END), to_end = SEEN(DAYS_TO_QUARTER_END);
    Floats restrict return_5d = SEEN(RETURN_5D);
    for (int64_t agent = 0; agent < agents; agent++) {
        double capital_bn = PARAM(0), report_lag = PARAM(1), quiet = PARAM(2), pace_open = PARAM(3) / 252.0;
        double plan_share = PARAM(4), dip_response = PARAM(5), limit = PARAM(6) / 4.0;
        double *restrict this_quarter = HELD(0), *restrict day_of_quarter = HELD(1);
        FOR_LANES {
            double so_far = since[lane] < day_of_quarter[lane] ? 0.0 : this_quarter[lane];
            int blackout = (to_end[lane] <= quiet) | (since[lane] <= report_lag + 1.0);
            double eager = 1.0 + dip_response * larger(-100.0 * return_5d[lane], 0.0);
            double pace = pace_open * (blackout ? plan_share : eager);
            double bought = larger(smaller(pace, limit - so_far), 0.0);
            this_quarter[lane] = so_far + bought;
            day_of_quarter[lane] = since[lane];
            orders[lane] += bought * capital_bn;
        }
    }
}

static inline void noise_trading(Floats restrict view, Floats restrict params, double *restrict state,
                                 double *restrict orders, int64_t agents, int64_t path0, int64_t step, Key key,
                                 int64_t mirror)
{
    Floats restrict day_fraction = SEEN(DAY_FRACTION);
    double draws[2][LANES];
    for (int64_t agent = 0; agent < agents; agent++) {
        if ((agent & 1) == 0)
            fill_normals(draws[0], draws[1], path0, step, agent >> 1, 0, key, mirror);
        double capital_bn = PARAM(0);
        double *restrict so_far = HELD(0);
        Floats restrict draw = draws[agent & 1];
        FOR_LANES {
            double order = sqrt(day_fraction[lane]) * draw[lane];
            so_far[lane] += order;
            orders[lane] += order * capital_bn;
        }
    }
}

static inline void value_investing(Floats restrict view, Floats restrict params, double *restrict state,
                                   double *restrict orders, int64_t agents)
{
    Floats restrict fundamental_gap = SEEN(FUNDAMENTAL_GAP), day_fraction = SEEN(DAY_FRACTION);
    for (int64_t agent = 0; agent < agents; agent++) {
        double capital_bn = PARAM(0), aggressiveness = PARAM(1), largest_gap = PARAM(2);
        double *restrict so_far = HELD(0);
        FOR_LANES {
            double gap = held(fundamental_gap[lane], -largest_gap, largest_gap);
            double order = aggressiveness * gap * day_fraction[lane];
            so_far[lane] += order;
            orders[lane] += order * capital_bn;
        }
    }
}
