/* What happens at the close: observables of the view, and the row of the record. */
#pragma once
#include "market.h"

static void keep_close(const Market *m, MarketState *state)
{
    int64_t newest = state->n_closes[0]++;
    Row close = CLOSE(newest);
    Floats restrict previous = CLOSE(newest - 1);
    copy(close, VIEW(LOG_PRICE));
    for (int horizon = 0; horizon < 4; horizon++) {
        double keep = m->model->depth.variance_keep[horizon];
        Row variance = ROW(state->depth.variances, horizon);
        FOR_LANES {
            double day_return = close[lane] - previous[lane];
            variance[lane] = keep * variance[lane] + (1.0 - keep) * day_return * day_return;
        }
    }
}

static void realized_vols(MarketState *state, int64_t newest)
{
    static const int windows[] = {5, 10, 20, 21, 40, 63, 126};
    double squares[LANES] = {0};
    for (int window = 0, age = 0; window < 7; window++) {
        for (; age < windows[window]; age++) {
            Floats restrict later = CLOSE(newest - age), earlier = CLOSE(newest - age - 1);
            FOR_LANES squares[lane] += (later[lane] - earlier[lane]) * (later[lane] - earlier[lane]);
        }
        Row realized = VIEW(RV_5 + window);
        FOR_LANES realized[lane] = sqrt(252.0 / age * squares[lane]);
    }
}

static void ranges(MarketState *state, int64_t newest)
{
    static const int windows[] = {21, 63, 126, 252};
    double highest[LANES], lowest[LANES];
    copy(highest, CLOSE(newest));
    copy(lowest, highest);
    for (int window = 0, age = 1; window < 4; window++) {
        for (; age < windows[window]; age++) {
            Floats restrict close = CLOSE(newest - age);
            FOR_LANES {
                highest[lane] = larger(highest[lane], close[lane]);
                lowest[lane] = smaller(lowest[lane], close[lane]);
            }
        }
        copy(VIEW(HIGH_21D + 2 * window), highest);
        copy(VIEW(LOW_21D + 2 * window), lowest);
    }
}

static void observe(const Market *m, MarketState *state)
{
    static const int windows[] = {5, 21, 63, 126, 252};
    const DepthModel depth = m->model->depth;
    const double *weight = depth.variance_weight;
    int64_t newest = state->n_closes[0] - 1;
    realized_vols(state, newest);
    ranges(state, newest);
    for (int window = 0; window < 5; window++) {
        Floats restrict last = CLOSE(newest), before = CLOSE(newest - windows[window]);
        Row past_return = VIEW(RETURN_5D + window);
        FOR_LANES past_return[lane] = last[lane] - before[lane];
    }
    Row market_vol = VIEW(MARKET_VOL), impact = VIEW(IMPACT);
    Floats restrict liquidity = VIEW(LIQUIDITY), variances = state->depth.variances;
    FOR_LANES {
        double variance = weight[0] * variances[lane] + weight[1] * variances[LANES + lane]
            + weight[2] * variances[2 * LANES + lane] + weight[3] * variances[3 * LANES + lane];
        market_vol[lane] = sqrt(252.0 * variance);
        double thinner = depth.elasticity * logarithm(market_vol[lane] / depth.reference_vol)
            - depth.liquidity_loading * liquidity[lane];
        impact[lane] = depth.calm_impact * exponential(smaller(thinner, depth.most_thinning));
    }
}

static void keep_row(const Market *m, MarketState *state, Scratch *scratch, Record *record)
{
    int64_t at = record->row[0]++;
    Row kept = ROW(record->market, at * MARKET_COLUMNS), last = record->log_price;
    Floats restrict log_price = VIEW(LOG_PRICE), log_value = state->news.log_value;
    copy(kept, VIEW(PRICE));
    FOR_LANES kept[LANES + lane] = log_price[lane] - last[lane];
    FOR_LANES kept[2 * LANES + lane] = exponential(log_value[lane]);
    copy(kept + 3 * LANES, VIEW(LIQUIDITY));
    copy(kept + 4 * LANES, VIEW(RV_21));
    copy(kept + 5 * LANES, VIEW(CUT_PROBABILITY));
    copy(kept + 6 * LANES, VIEW(SENTIMENT));
    copy(kept + 7 * LANES, VIEW(GAMMA_1PCT_BN));
    size_t sources = N_SOURCES * LANES * sizeof(double), accounts = N_ACCOUNTS * LANES * sizeof(double);
    memcpy(ROW(record->flow, at * N_SOURCES), scratch->flow_sum, sources);
    memcpy(ROW(record->contribution, at * N_SOURCES), scratch->contribution_sum, sources);
    memset(scratch->flow_sum, 0, sources);
    memset(scratch->contribution_sum, 0, sources);
    memcpy(ROW(record->exposure, at * N_ACCOUNTS), state->shares, accounts);
    for (int population = 0; population < N_POPULATIONS; population++) {
        Row longs = ROW(record->agents_long, at * N_POPULATIONS + population);
        Row shorts = ROW(record->agents_short, at * N_POPULATIONS + population);
        int64_t row = m->rules->exposure_row[population], agents = m->rules->agents[population];
        fill(longs, 0.0);
        fill(shorts, 0.0);
        for (int64_t agent = 0; row >= 0 && agent < agents; agent++) {
            Floats restrict exposure = ROW(state->agents, m->rules->state_at[population] + row * agents + agent);
            FOR_LANES {
                longs[lane] += exposure[lane] > 0.0 ? 1.0 : 0.0;
                shorts[lane] += exposure[lane] < 0.0 ? 1.0 : 0.0;
            }
        }
    }
    copy(last, log_price);
}
