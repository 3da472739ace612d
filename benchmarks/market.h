/* One market of the scenario, and rows of its arrays. */
#pragma once
#include "layout.h"
#include "mathematics.h"

enum { VOL_CONTROL, CTA, BUYBACK, NOISE, VALUE, N_POPULATIONS };
enum { N_ACCOUNTS = N_POPULATIONS + 2, FIRST_SOURCE = 2, N_SOURCES = N_POPULATIONS + FIRST_SOURCE };
enum { MARKET_COLUMNS = 8, RING = 256, STEPS = 2 };
#define MOVE_BP 25.0
#define N_CALENDAR (N_VIEW - FIRST_CALENDAR)

typedef double *restrict Row;
#define ROW(array, row) ((array) + (int64_t)(row) * LANES)
#define VIEW(field) ROW(state->observables, field)
#define CLOSE(day) ROW(state->closes, (day) & (RING - 1))

typedef struct {
    const Timetable *timetable;
    const Rules *rules;
    const Model *model;
    int64_t horizon, path0;
} Market;

static inline void fill(Row row, double value) { FOR_LANES row[lane] = value; }
static inline void copy(Row row, Floats restrict source) { FOR_LANES row[lane] = source[lane]; }
static inline Key stream(const uint64_t *key) { return (Key){key[0], key[1]}; }
