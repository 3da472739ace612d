/* The strict functions and the random numbers of flowsim/kernel, in C: the same polynomials in the same order. */
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 64
typedef const double *Floats;
#define FOR_LANES _Pragma("omp simd") for (int lane = 0; lane < LANES; lane++)

#ifdef __FAST_MATH__
#define fused(a, b, c) ((a) * (b) + (c)) /* the compiler fuses, and is free to put a polynomial in another order */
#else
#define fused(a, b, c) fma(a, b, c)
#endif

static inline double smaller(double a, double b) { return b < a ? b : a; }
static inline double larger(double a, double b) { return b > a ? b : a; }
static inline double held(double x, double low, double high) { return smaller(larger(x, low), high); }

static inline int64_t float_bits(double x) { int64_t bits; memcpy(&bits, &x, 8); return bits; }
static inline double bits_float(int64_t bits) { double x; memcpy(&x, &bits, 8); return x; }

#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define LOG2_E 1.4426950408889634
#define SQRT_HALF_BITS 0x3FE6A09E667F3BCDLL
#define ONE_BITS 0x3FF0000000000000LL

static inline double exp_minus_one_over(double r)
{
    double r2 = r * r, r4 = r2 * r2;
    double low = fused(r2, fused(r, 1.0 / 24.0, 1.0 / 6.0), fused(r, 0.5, 1.0));
    double middle = fused(r2, fused(r, 1.0 / 40320.0, 1.0 / 5040.0), fused(r, 1.0 / 720.0, 1.0 / 120.0));
    double high = fused(r2, fused(r, 1.0 / 479001600.0, 1.0 / 39916800.0), fused(r, 1.0 / 3628800.0, 1.0 / 362880.0));
    return fused(r4, fused(r4, fused(r4, 1.0 / 6227020800.0, high), middle), low);
}

/* Through 32 bits, which every vector unit can do. */
static inline double power_of_two(double k) { return bits_float((int64_t)((uint64_t)((int64_t)(int32_t)k + 1023) << 52)); }

static inline double exponential(double x)
{
    x = held(x, -708.0, 708.0);
    double k = rint(x * LOG2_E);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    return fused(exp_minus_one_over(r), r, 1.0) * power_of_two(k);
}

static inline double exponential_minus_one(double x)
{
    x = held(x, -708.0, 708.0);
    double k = rint(x * LOG2_E);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double grown = power_of_two(k);
    return fused(grown, exp_minus_one_over(r) * r, grown - 1.0);
}

static inline double tangent_h(double x)
{
    double grown = exponential_minus_one(2.0 * held(x, -20.0, 20.0));
    return grown / (grown + 2.0);
}

/* Natural logarithm of a positive number. */
static inline double logarithm(double x)
{
    int64_t bits = float_bits(x);
    uint64_t biased = (uint64_t)(bits - SQRT_HALF_BITS + ONE_BITS) >> 52;
    double f = bits_float(bits - (int64_t)(biased << 52) + ONE_BITS) - 1.0;
    double s = f / (2.0 + f), z = s * s;
    double tail = fused(z, 1.479819860511658591e-01, 1.531383769920937332e-01);
    tail = fused(z, tail, 1.818357216161805012e-01);
    tail = fused(z, tail, 2.222219843214978396e-01);
    tail = fused(z, tail, 2.857142874366239149e-01);
    tail = fused(z, tail, 3.999999999940941908e-01);
    tail = z * fused(z, tail, 6.666666666666735130e-01);
    double half_square = 0.5 * f * f, k = (double)((int32_t)biased - 1023);
    return k * LN2_HIGH - ((half_square - (s * (half_square + tail) + k * LN2_LOW)) - f);
}

typedef struct { double first, second; } Pair;

/* The nearest whole number of quarters, and an integer whose last bits are those of that number. */
#ifdef __FAST_MATH__ /* which would take what is added and subtracted below for nothing */
static inline int64_t nearest_quarter(double turns, double *quarter)
{
    *quarter = rint(4.0 * turns);
    return (int64_t)(int32_t)*quarter;
}
#else
static inline int64_t nearest_quarter(double turns, double *quarter)
{
    const double whole_numbers = 6755399441055744.0; /* 1.5 * 2^52: floats of this size are whole numbers */
    double shifted = fused(4.0, turns, whole_numbers);
    *quarter = shifted - whole_numbers;
    return float_bits(shifted);
}
#endif

static inline double negative_if_odd(double x, int64_t number)
{
    return bits_float((int64_t)((uint64_t)float_bits(x) ^ (uint64_t)number << 63));
}

static inline Pair sine_cosine_of_turns(double turns)
{
    double quarters;
    int64_t quarter = nearest_quarter(turns, &quarters);
    double y = (turns - 0.25 * quarters) * 6.283185307179586, z = y * y;
    double sine = fused(z, 1.58969099521155010221e-10, -2.50507602534068634195e-08);
    sine = fused(z, sine, 2.75573137070700676789e-06);
    sine = fused(z, sine, -1.98412698298579493134e-04);
    sine = fused(z, sine, 8.33333333332248946124e-03);
    sine = fused(y * z, fused(z, sine, -1.66666666666666324348e-01), y);
    double cosine = fused(z, -1.13596475577881948265e-11, 2.08757232129817482790e-09);
    cosine = fused(z, cosine, -2.75573143513906633035e-07);
    cosine = fused(z, cosine, 2.48015872894767294178e-05);
    cosine = fused(z, cosine, -1.38888888888741095749e-03);
    cosine = fused(z, cosine, 4.16666666666666019037e-02);
    cosine = fused(z * z, cosine, fused(z, -0.5, 1.0));
    double swapped_sine = quarter & 1 ? cosine : sine, swapped_cosine = quarter & 1 ? sine : cosine;
    return (Pair){negative_if_odd(swapped_sine, quarter >> 1), negative_if_odd(swapped_cosine, (quarter + 1) >> 1)};
}

typedef struct { uint64_t k0, k1; } Key;

#define LOW_32 0xFFFFFFFFull
#define PHILOX_ROUND \
    { uint64_t p0 = 0xD2511F53ull * (c0 & LOW_32), p1 = 0xCD9E8D57ull * (c2 & LOW_32); \
      c0 = (p1 >> 32) ^ c1 ^ k0; c1 = p1; c2 = (p0 >> 32) ^ c3 ^ k1; c3 = p0; \
      k0 += 0x9E3779B9ull; k1 += 0xBB67AE85ull; }

/* (m + 1/2) / 2^52 for the upper 52 bits m of two words of 32, of which the second is the upper one. */
#ifdef __FAST_MATH__ /* which would sum the parts below in an order that rounds */
static inline double between_0_and_1(uint64_t low, uint64_t high)
{
    return (bits_float((int64_t)((low & LOW_32) >> 12 | (high & LOW_32) << 20 | ONE_BITS)) - 1.0) + 0x1p-53;
}
#else
static inline double between_0_and_1(uint64_t low, uint64_t high)
{
    const uint64_t bits_of_two_to_52 = 0x4330000000000000ull; /* below them, a word is a float that is 2^52 larger */
    double of_high = bits_float((int64_t)((high & LOW_32) | bits_of_two_to_52));
    double of_low = bits_float((int64_t)((low & LOW_32) >> 11 | bits_of_two_to_52 | 1));
    return fused(of_low, 0x1p-53, fused(of_high, 0x1p-32, -0x1p20 - 0.5));
}
#endif

/* Two numbers in (0, 1) by Philox4x32-10 at the counter (path, step, agent, draw). */
static inline Pair uniforms(uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3, Key key)
{
    uint64_t k0 = key.k0, k1 = key.k1;
    PHILOX_ROUND PHILOX_ROUND PHILOX_ROUND PHILOX_ROUND PHILOX_ROUND
    PHILOX_ROUND PHILOX_ROUND PHILOX_ROUND PHILOX_ROUND PHILOX_ROUND
    return (Pair){between_0_and_1(c0, c1), between_0_and_1(c2, c3)};
}

static inline Pair normals_of(Pair u, int64_t path, int64_t mirror)
{
    double sign = 1.0 - 2.0 * (double)(path & mirror);
    double radius = sign * sqrt(-2.0 * logarithm(u.first));
    Pair turn = sine_cosine_of_turns(u.second);
    return (Pair){radius * turn.second, radius * turn.first};
}

static inline Pair normals(int64_t path, uint64_t step, uint64_t agent, uint64_t draw, Key key, int64_t mirror)
{
    return normals_of(uniforms((uint64_t)(path >> mirror), step, agent, draw, key), path, mirror);
}

/* The draws of 64 paths, in two loops, as one would be a longer chain of operations than a processor holds in flight. */
static inline void fill_normals(double *restrict first, double *restrict second, int64_t path0, uint64_t step,
                                uint64_t agent, uint64_t draw, Key key, int64_t mirror)
{
    FOR_LANES {
        Pair u = uniforms((uint64_t)((path0 + lane) >> mirror), step, agent, draw, key);
        first[lane] = u.first;
        second[lane] = u.second;
    }
    FOR_LANES {
        Pair z = normals_of((Pair){first[lane], second[lane]}, path0 + lane, mirror);
        first[lane] = z.first;
        second[lane] = z.second;
    }
}
