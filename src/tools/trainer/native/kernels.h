// Small bf16 matrix products for AVX-512 BF16 processors, with fp32 sums.
//
// One instruction, vdpbf16ps, multiplies sixteen pairs of bf16 with sixteen others and adds both products of a pair. So the left
// side is broadcast one pair at a time, and the right side lies as panels of 64 columns, `[panel][pair][64]`, where an
// element is the pair of two values that follow each other along the summed dimension. Six rows times four vectors are in registers at once.
#pragma once

#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

using u16 = uint16_t;
using u32 = uint32_t;

constexpr int PANEL = 64, ROWS = 6;

/// Memory that grows on demand and is zero at first; 64-byte aligned, with slack for reads past the end.
template <class T> struct Buffer {
    static constexpr size_t SLACK = 4096;
    T *data = nullptr;
    size_t size = 0;

    T *reserve(size_t count) {
        if (count + SLACK > size) {
            free(data);
            size = count + count / 4 + SLACK;
            size_t bytes = (size * sizeof(T) + 63) / 64 * 64;
            data = static_cast<T *>(aligned_alloc(64, bytes));
            memset(static_cast<void *>(data), 0, bytes);
        }
        return data;
    }

    operator T *() const { return data; }
    ~Buffer() { free(data); }
};

inline __m512 load(const u16 *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

inline void store(u16 *p, __m512 v) { _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh(v)); }

/// The lanes of a vector at `column` that lie below `limit`.
inline __mmask16 below(int limit, int column) {
    return limit - column >= 16 ? 0xFFFF : limit <= column ? 0 : (1 << (limit - column)) - 1;
}

/// exp for x <= 80; relative error about 1e-6.
inline __m512 exp512(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-87.0f));
    __m512 t = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f));
    __m512 whole = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 f = _mm512_mul_ps(_mm512_sub_ps(t, whole), _mm512_set1_ps(0.69314718f));
    __m512 p = _mm512_set1_ps(1.0f / 120);
    for (float c : {1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(c));
    return _mm512_scalef_ps(p, whole);
}

/// out(m, n, sum) for the tile: sum over pairs of a[m * am + pair * ak] times b[pair * bk + 16 n ...].
/// AM > 0 gives am at compile time, which frees registers.
template <int M, int N, long AM = 0, class Out>
inline __attribute__((always_inline)) void tile(const u32 *a, long am, long ak, const u32 *b, long bk, int pairs, Out &&out) {
    if (AM) am = AM;
    __m512 sums[M][N];
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) sums[m][n] = _mm512_setzero_ps();
    for (int pair = 0; pair < pairs; ++pair, a += ak, b += bk) {
        __m512i right[N];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) right[n] = _mm512_loadu_si512(b + 16 * n);
#pragma GCC unroll 16
        for (int m = 0; m < M; ++m) {
            __m512bh left = (__m512bh)_mm512_set1_epi32((int)a[m * am]);
#pragma GCC unroll 4
            for (int n = 0; n < N; ++n) sums[m][n] = _mm512_dpbf16_ps(sums[m][n], left, (__m512bh)right[n]);
        }
    }
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) out(m, n, sums[m][n]);
}

struct StoreFloat {
    float *c;
    long stride;
    void operator()(int row, int column, __m512 v) const { _mm512_storeu_ps(c + row * stride + column, v); }
};

struct AddFloat {
    float *c;
    long stride;
    void operator()(int row, int column, __m512 v) const {
        float *p = c + row * stride + column;
        _mm512_storeu_ps(p, _mm512_add_ps(_mm512_loadu_ps(p), v));
    }
};

struct StoreHalf {
    u16 *c;
    long stride;
    void operator()(int row, int column, __m512 v) const { store(c + row * stride + column, v); }
};

/// rows x (panels * 64): the left side has stride `am` from row to row and `ak` from pair to pair, in pairs.
template <class Out>
void product(const u32 *a, long am, long ak, int rows, const u32 *b, long panelStride, int panels, int pairs, Out out) {
    for (int panel = 0; panel < panels; ++panel, b += panelStride) {
        int row = 0, column = panel * PANEL;
        auto put = [&](int m, int n, __m512 v) { out(row + m, column + 16 * n, v); };
        for (; row + ROWS <= rows; row += ROWS) tile<ROWS, 4>(a + row * am, am, ak, b, PANEL, pairs, put);
        const u32 *rest = a + row * am;
        switch (rows - row) {
        case 5: tile<5, 4>(rest, am, ak, b, PANEL, pairs, put); break;
        case 4: tile<4, 4>(rest, am, ak, b, PANEL, pairs, put); break;
        case 3: tile<3, 4>(rest, am, ak, b, PANEL, pairs, put); break;
        case 2: tile<2, 4>(rest, am, ak, b, PANEL, pairs, put); break;
        case 1: tile<1, 4>(rest, am, ak, b, PANEL, pairs, put); break;
        }
    }
}

/// bf16 rows [rows][columns] to panels whose pairs run along the row: what `rows` outputs need on the right side.
inline void packTransposed(const u16 *source, long stride, int rows, int columns, u32 *out) {
    int pairs = columns / 2;
    for (int row = 0; row < rows; ++row) {
        const u32 *from = (const u32 *)(source + row * stride);
        u32 *to = out + (long)(row / PANEL) * pairs * PANEL + row % PANEL;
        for (int pair = 0; pair < pairs; ++pair) to[pair * PANEL] = from[pair];
    }
}

/// Two bf16 rows, 32 columns each, woven into 32 pairs.
inline void weave(__m512i first, __m512i second, u32 *out) {
    alignas(64) static const u16 low[32] = {0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39,
                                            8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
    __m512i index = _mm512_load_si512(low);
    _mm512_storeu_si512(out, _mm512_permutex2var_epi16(first, index, second));
    _mm512_storeu_si512(out + 16, _mm512_permutex2var_epi16(first, _mm512_add_epi16(index, _mm512_set1_epi16(16)), second));
}

/// bf16 rows [rows][columns] to panels whose pairs run down the columns; an odd last row gets a row of zeros.
/// `panelWidth` is 64 for products, or 32 for one attention head.
inline void packPairs(const u16 *source, long stride, int rows, int columns, u32 *out, int panelWidth = PANEL) {
    int pairs = (rows + 1) / 2;
    for (int pair = 0; pair < pairs; ++pair) {
        const u16 *first = source + 2 * pair * stride, *second = first + stride;
        bool odd = 2 * pair + 1 >= rows;
        for (int column = 0; column < columns; column += 32) {
            u32 *to = out + ((long)(column / panelWidth) * pairs + pair) * panelWidth + column % panelWidth;
            weave(_mm512_loadu_si512(first + column), odd ? _mm512_setzero_si512() : _mm512_loadu_si512(second + column), to);
        }
    }
}

inline void toHalf(const float *source, u16 *out, long count) {
    for (long i = 0; i < count; i += 16) store(out + i, _mm512_loadu_ps(source + i));
}
