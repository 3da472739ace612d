/* One rule, and the normal draws, by hand; and a loop that calls a kernel by address, be it flowsim's or one of these. */
#include "rules.h"

typedef void Kernel(double *view, double *params, double *state, double *orders, int64_t agents, int64_t path0,
                    int64_t step, uint64_t k0, uint64_t k1, int64_t mirror);

void vol_target_kernel(double *view, double *params, double *state, double *orders, int64_t agents, int64_t path0,
                       int64_t step, uint64_t k0, uint64_t k1, int64_t mirror)
{
    vol_target(view, params, state, orders, agents);
}

void cta_kernel(double *view, double *params, double *state, double *orders, int64_t agents, int64_t path0,
                int64_t step, uint64_t k0, uint64_t k1, int64_t mirror)
{
    cta(view, params, state, orders, agents);
}

void call_often(Kernel *kernel, int64_t times, double *view, double *params, double *state, double *orders,
                int64_t agents)
{
    for (int64_t step = 0; step < times; step++)
        kernel(view, params, state, orders, agents, 0, step, 0, 0, 0);
}

void draw_normals(int64_t times, double *restrict even, double *restrict odd, uint64_t k0, uint64_t k1)
{
    Key key = {k0, k1};
    for (int64_t step = 0; step < times; step++)
        fill_normals(even, odd, 0, step, 0, 0, key, 0);
}
