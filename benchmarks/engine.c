/* The day of the market of flowsim/market, by hand, for one scenario: daily bars, linear impact with one transient
   mode, and the five populations below in this order. What the scenario does not have is not here: jumps, circuit
   breakers, scripts, anticipation, a population that provides liquidity, the replay of given returns. */
#include "close.h"
#include "market.h"
#include "rules.h"

static void publish_calendar(const Market *m, MarketState *state, int64_t day)
{
    for (int field = 0; field < N_CALENDAR; field++)
        fill(VIEW(FIRST_CALENDAR + field), m->timetable->calendar[day * N_CALENDAR + field]);
}

static void take_todays_orders(const Market *m, MarketState *state, int64_t day)
{
    for (int population = 0; population < N_POPULATIONS; population++) {
        Row due = ROW(state->schedule, population * m->horizon + day % m->horizon);
        copy(ROW(state->today, population), due);
        fill(due, 0.0);
    }
}

static void open_step(MarketState *state, Scratch *scratch, int step)
{
    Floats restrict halted_until = state->breakers.halted_until;
    Row trading = scratch->trading;
    FOR_LANES trading[lane] = step > halted_until[lane] ? 1.0 : 0.0;
}

static void move_value(const Market *m, MarketState *state, Scratch *scratch, int64_t day, int step, double fraction)
{
    const NewsModel model = m->model->news;
    double release_sd = step == 0 ? m->timetable->release_sd[day] : 0.0;
    int64_t counter = day * m->timetable->steps_per_day + step;
    Key key = stream(model.key);
    int64_t path0 = m->path0, mirror = m->model->mirror;
    double drift = model.daily_drift * fraction, vol = model.daily_vol, root = sqrt(fraction);
    Floats restrict return_63d = VIEW(RETURN_63D);
    Row news = scratch->shock, log_value = state->news.log_value, pending = state->news.pending;
    Floats restrict trading = scratch->trading;
    FOR_LANES {
        Pair z = normals(path0 + lane, counter, 0, 0, key, mirror);
        double released = release_sd * z.second + model.reflexivity * return_63d[lane];
        double change = drift + vol * root * z.first + (release_sd > 0.0 ? released : 0.0);
        log_value[lane] += change;
        double waiting = pending[lane] + model.pass_through * change;
        int trades = trading[lane] > 0.0;
        news[lane] = trades ? waiting : 0.0;
        pending[lane] = trades ? 0.0 : waiting;
    }
}

static inline double cut_probability(double expected_bp) { return held(-expected_bp / MOVE_BP, 0.0, 1.0); }

static void move_policy(const Market *m, MarketState *state, Scratch *scratch, int64_t day, int step, double fraction)
{
    const PolicyModel model = m->model->policy;
    int statement = m->timetable->statement_step[day] == step, minutes = m->timetable->minutes_step[day] == step;
    int64_t counter = day * m->timetable->steps_per_day + step;
    Key key = stream(model.key);
    int64_t path0 = m->path0, mirror = m->model->mirror;
    double chair = model.chair_per_day * fraction, governor = chair + model.governor_per_day * fraction;
    double president = governor + model.president_per_day * fraction;
    Row expected_bp = state->policy.expected_bp, policy = ROW(scratch->shock, 1), easing = scratch->easing;
    Row pending = state->policy.pending;
    Floats restrict trading = scratch->trading;
    FOR_LANES {
        Pair u = uniforms(path0 + lane, counter, 0, 0, key);
        Pair z = normals(path0 + lane, counter, 0, 1, key, mirror);
        double size = u.first < chair ? model.chair_bp : model.governor_bp;
        size = u.first < governor ? size : (u.first < president ? model.president_bp : 0.0);
        double shift = size * z.first + (minutes ? model.minutes_bp * z.second : 0.0);
        double expected = expected_bp[lane], talked = held(expected + shift, -MOVE_BP, 0.0);
        double decided = u.second < cut_probability(talked) ? -MOVE_BP : 0.0;
        double surprise = statement ? decided - talked + model.statement_bp * z.second : 0.0;
        easing[lane] = expected - talked - surprise;
        expected_bp[lane] = statement ? model.first_expected_bp : talked;
        double waiting = pending[lane] + model.effect_per_bp * easing[lane];
        int trades = trading[lane] > 0.0;
        policy[lane] = trades ? waiting : 0.0;
        pending[lane] = trades ? 0.0 : waiting;
    }
}

static void publish_policy(MarketState *state, Scratch *scratch)
{
    Row of_bar = state->policy.easing, of_day = ROW(state->policy.easing, 1);
    Row easing_bp = VIEW(EASING_BP), probability = VIEW(CUT_PROBABILITY);
    Floats restrict easing = scratch->easing, expected_bp = state->policy.expected_bp;
    FOR_LANES {
        of_bar[lane] += easing[lane];
        of_day[lane] += easing[lane];
        easing_bp[lane] = of_bar[lane];
        probability[lane] = cut_probability(expected_bp[lane]);
    }
}

/* Ask one population; its orders add up in scratch->orders. Called with a constant, so that the switch goes away. */
static inline void ask(const Market *m, MarketState *state, Scratch *scratch, int population, int64_t counter)
{
    Floats view = state->observables, params = m->rules->params + m->rules->params_at[population];
    double *held_state = ROW(state->agents, m->rules->state_at[population]);
    int64_t agents = m->rules->agents[population];
    Key key = {m->rules->key_0[population], m->rules->key_1[population]};
    fill(scratch->orders, 0.0);
    switch (population) {
    case VOL_CONTROL: vol_target(view, params, held_state, scratch->orders, agents); break;
    case CTA: cta(view, params, held_state, scratch->orders, agents); break;
    case BUYBACK: buyback(view, params, held_state, scratch->orders, agents); break;
    case NOISE:
        noise_trading(view, params, held_state, scratch->orders, agents, m->path0, counter, key, m->model->mirror);
        break;
    case VALUE: value_investing(view, params, held_state, scratch->orders, agents); break;
    }
}

static void execute(const Market *m, MarketState *state, Scratch *scratch, int population, int64_t day, int step)
{
    int64_t kind = m->timetable->kind[day];
    double volume = m->timetable->volume[kind * STEPS + step];
    double weight = m->rules->bar_weight[(population * 2 + kind) * STEPS + step];
    double limit = m->rules->participation_cap[population] * m->model->impact.adv_bn * volume;
    Floats restrict today = ROW(state->today, population), orders = scratch->orders, trading = scratch->trading;
    Row backlog = ROW(state->backlog, population), flow = ROW(scratch->flow, population);
    Row impact_flow = ROW(scratch->impact_flow, population), net = scratch->net;
    FOR_LANES {
        double due = backlog[lane] + weight * today[lane] + orders[lane];
        double filled = trading[lane] * held(due, -limit, limit);
        backlog[lane] = due - filled;
        flow[lane] = filled;
        impact_flow[lane] = filled;
        net[lane] += filled;
    }
}

static void trade(const Market *m, MarketState *state, Scratch *scratch, int64_t day, int step)
{
    fill(VIEW(DAY_FRACTION), m->timetable->volume[m->timetable->kind[day] * STEPS + step]);
    fill(VIEW(BAR), step - 1.0);
    fill(VIEW(BARS_LEFT), m->timetable->bars[day] - step + 1.0);
    fill(scratch->net, 0.0);
    int64_t counter = day * m->timetable->steps_per_day + step;
    for (int population = VOL_CONTROL; population <= BUYBACK; population++) {
        fill(scratch->orders, 0.0);
        execute(m, state, scratch, population, day, step);
    }
    ask(m, state, scratch, NOISE, counter);
    execute(m, state, scratch, NOISE, day, step);
    ask(m, state, scratch, VALUE, counter);
    execute(m, state, scratch, VALUE, day, step);
    fill(state->policy.easing, 0.0);
}

static int move_price(const Market *m, MarketState *state, Scratch *scratch, int step, double fraction)
{
    double weight = m->model->impact.mode_weight[0], share = 1.0 - exponential(-m->model->impact.mode_rate[0] * fraction);
    Row decay = state->impact.decay;
    Floats restrict trading = scratch->trading, impact = VIEW(IMPACT), news = scratch->shock, policy = ROW(scratch->shock, 1);
    Row total = scratch->total, news_sum = ROW(scratch->contribution_sum, 0);
    Row policy_sum = ROW(scratch->contribution_sum, 1);
    FOR_LANES {
        decay[lane] = trading[lane] * share;
        total[lane] = news[lane] + policy[lane];
        news_sum[lane] += news[lane];
        policy_sum[lane] += policy[lane];
    }
    for (int population = 0; population < N_POPULATIONS; population++) {
        Row contribution = ROW(scratch->contribution_sum, FIRST_SOURCE + population);
        Row flow_sum = ROW(scratch->flow_sum, FIRST_SOURCE + population);
        Row flow = ROW(scratch->flow, population), impact_flow = ROW(scratch->impact_flow, population);
        Row transient = ROW(state->impact.transient, population);
        if (step == 0) {
            fill(flow, 0.0);
            fill(impact_flow, 0.0);
        }
        FOR_LANES {
            double decayed = transient[lane] * decay[lane];
            double moved = impact[lane] * impact_flow[lane] - decayed;
            transient[lane] += weight * impact[lane] * impact_flow[lane] - decayed;
            flow_sum[lane] += flow[lane];
            contribution[lane] += moved;
            total[lane] += moved;
        }
    }
    Row log_price = VIEW(LOG_PRICE), price = VIEW(PRICE), step_return = VIEW(STEP_RETURN);
    Row day_return = VIEW(DAY_RETURN), gap = VIEW(FUNDAMENTAL_GAP);
    Floats restrict log_value = state->news.log_value;
    FOR_LANES {
        step_return[lane] = total[lane];
        day_return[lane] += total[lane];
        log_price[lane] += total[lane];
        price[lane] = exponential(log_price[lane]);
        gap[lane] = log_value[lane] - log_price[lane];
    }
    int64_t broken = 0;
    for (int lane = 0; lane < LANES; lane++)
        broken += !(fabs(total[lane]) < 1.0);
    return broken > 0;
}

static void post_fills(const Market *m, MarketState *state, Scratch *scratch)
{
    double start_price = m->model->start_price;
    int64_t market_maker = m->rules->market_maker;
    Floats restrict price = VIEW(PRICE);
    Row relative = scratch->relative;
    FOR_LANES relative[lane] = price[lane] / start_price;
    Row market_maker_shares = ROW(state->shares, market_maker), market_maker_cash = ROW(state->cash, market_maker);
    for (int population = 0; population < N_POPULATIONS; population++) {
        Floats restrict flow = ROW(scratch->flow, population);
        Row shares = ROW(state->shares, population), cash = ROW(state->cash, population);
        FOR_LANES {
            double paid = flow[lane] * relative[lane];
            shares[lane] += flow[lane];
            market_maker_shares[lane] -= flow[lane];
            cash[lane] -= paid;
            market_maker_cash[lane] += paid;
        }
    }
    copy(VIEW(INVENTORY_BN), market_maker_shares);
}

static void move_states(const Market *m, MarketState *state, int64_t day, int64_t counter)
{
    const LiquidityModel slow = m->model->liquidity;
    const SentimentModel panic = m->model->sentiment;
    double level = m->timetable->liquidity_level[day], keep = slow.keep;
    double shock = slow.vol * sqrt(1.0 - keep * keep);
    int64_t path0 = m->path0, mirror = m->model->mirror;
    Key liquidity_key = stream(slow.key), sentiment_key = stream(panic.key);
    Row liquidity = state->liquidity.deviation, seen_liquidity = VIEW(LIQUIDITY), sentiment = VIEW(SENTIMENT);
    Floats restrict day_return = VIEW(DAY_RETURN), market_vol = VIEW(MARKET_VOL);
    FOR_LANES {
        Pair z = normals(path0 + lane, counter, 0, 0, liquidity_key, mirror);
        liquidity[lane] = keep * liquidity[lane] + shock * z.first;
        seen_liquidity[lane] = level + liquidity[lane];
    }
    FOR_LANES {
        Pair z = normals(path0 + lane, counter, 0, 0, sentiment_key, mirror);
        double daily_vol = market_vol[lane] / 15.874507866387544;
        double excess = larger(-day_return[lane] / daily_vol - panic.threshold, 0.0);
        sentiment[lane] = larger(panic.keep * sentiment[lane] + panic.response * excess
            + panic.shock_vol * z.first, 0.0);
    }
}

static int push_orders(const Market *m, MarketState *state, Scratch *scratch, int population, int64_t day, int64_t live)
{
    int64_t days = m->rules->days[population], first = day + m->rules->lag_days[population];
    double share = 1.0 / days;
    Floats restrict orders = scratch->orders;
    for (int64_t later = 0; later < days; later++) {
        Row due = ROW(state->schedule, population * m->horizon + (first + later) % m->horizon);
        FOR_LANES due[lane] += share * orders[lane];
    }
    for (int64_t lane = 0; lane < live; lane++)
        if (!(fabs(orders[lane]) < 1e300))
            return 1;
    return 0;
}

static int close_session(const Market *m, MarketState *state, Scratch *scratch, int64_t day, int64_t live)
{
    int64_t counter = day * m->timetable->steps_per_day + m->timetable->steps_per_day - 1;
    move_states(m, state, day, counter);
    keep_close(m, state);
    observe(m, state);
    publish_calendar(m, state, day + 1);
    copy(VIEW(EASING_BP), ROW(state->policy.easing, 1));
    fill(ROW(state->policy.easing, 1), 0.0);
    ask(m, state, scratch, VOL_CONTROL, counter);
    int broken = push_orders(m, state, scratch, VOL_CONTROL, day, live);
    ask(m, state, scratch, CTA, counter);
    broken |= push_orders(m, state, scratch, CTA, day, live);
    ask(m, state, scratch, BUYBACK, counter);
    return broken | push_orders(m, state, scratch, BUYBACK, day, live);
}

/* Step one block of 64 paths; return 0, or 1 where an order or a price broke. */
int run_days(const Timetable *timetable, const Rules *rules, const Model *model,
             MarketState *state, Scratch *scratch, Record *record, int64_t horizon, int64_t first_day,
             int64_t last_day, int64_t path0, int64_t live)
{
    const Market market = {timetable, rules, model, horizon, path0}, *m = &market;
    for (int64_t day = first_day; day < last_day; day++) {
        fill(VIEW(DAY_RETURN), 0.0);
        fill(state->breakers.level, 0.0);
        fill(state->breakers.halted_until, -1.0);
        publish_calendar(m, state, day);
        take_todays_orders(m, state, day);
        for (int step = 0; step < STEPS; step++) {
            double fraction = timetable->fraction[timetable->kind[day] * STEPS + step];
            open_step(state, scratch, step);
            move_value(m, state, scratch, day, step, fraction);
            move_policy(m, state, scratch, day, step, fraction);
            if (step > 0)
                trade(m, state, scratch, day, step);
            if (move_price(m, state, scratch, step, fraction))
                return 1;
            post_fills(m, state, scratch);
            publish_policy(state, scratch);
        }
        if (close_session(m, state, scratch, day, live))
            return 1;
        keep_row(m, state, scratch, record);
    }
    return 0;
}
