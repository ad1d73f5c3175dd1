// Causal attention of one row of tokens, forward and backward, in blocks of 24 queries. Nothing above the diagonal is computed but
// for the rounding to 16 keys; probabilities are computed again in the backward pass from the stored log sums.
#pragma once

#include <algorithm>

#include "kernels.h"

constexpr int HEAD = 32, HEAD_PAIRS = HEAD / 2, BLOCK = 24, TALL = 12;
constexpr int TOKENS_MAX = 1024, WIDTH = TOKENS_MAX + 64;  // longest row; columns of a block of scores

/// Where one row lies in the packed batch: `queries` of its last tokens ask, all `tokens` answer.
struct Span {
    int tokens, queries;
    long token, query;  // the first of each in the batch
};

class Attention {
public:
    /// q is [queries, heads * 32], scaled already; k and v have stride `kvStride`. Writes out like q, and the log sums [queries, heads].
    void forward(const Span &s, int heads, int group, const u16 *q, const u16 *k, const u16 *v, long kvStride, u16 *out, float *logSums) {
        long stride = heads * HEAD;
        u32 *keys = keysAcross.reserve(WIDTH * HEAD_PAIRS), *values = valuesDown.reserve(WIDTH * HEAD_PAIRS);
        for (int head = 0; head < heads; ++head) {
            if (head % group == 0) {
                long from = s.token * kvStride + head / group * HEAD;
                packTransposed(k + from, kvStride, s.tokens, HEAD, keys);
                packPairs(v + from, kvStride, s.tokens, HEAD, values, HEAD);
            }
            for (int begin = 0; begin < s.queries; begin += BLOCK) {
                int count = std::min(BLOCK, s.queries - begin), first = s.tokens - s.queries + begin;
                long at = (s.query + begin) * stride + head * HEAD;
                multiply(q + at, stride, count, keys, first + count, scores);
                float inverse[BLOCK];
                for (int i = 0; i < count; ++i)
                    logSums[(s.query + begin + i) * heads + head] = softmax(scores + i * WIDTH, first + i + 1, first + count, i, inverse[i]);
                int pairs = (first + count + 1) / 2;
                for (int i = 0; i < count; i += TALL)
                    tile<TALL, 2, WIDTH / 2>((const u32 *)(weights + i * WIDTH), 0, 1, values, HEAD, pairs, [&](int m, int n, __m512 sum) {
                        if (i + m < count) store(out + at + (i + m) * stride + 16 * n, _mm512_mul_ps(sum, _mm512_set1_ps(inverse[i + m])));
                    });
            }
        }
    }

    /// From the gradient of `out` to those of q (scaled like q), k and v, in fp32; dk and dv have stride heads / group * 32.
    void backward(const Span &s, int heads, int group, const u16 *q, const u16 *k, const u16 *v, long kvStride, const u16 *out,
                  const float *logSums, const u16 *gradient, float *dq, float *dk, float *dv) {
        long stride = heads * HEAD, narrow = heads / group * HEAD;
        u32 *keys = keysAcross.reserve(WIDTH * HEAD_PAIRS), *values = valuesAcross.reserve(WIDTH * HEAD_PAIRS), *keyPairs = keysDown.reserve(WIDTH * HEAD_PAIRS);
        memset(dk + s.token * narrow, 0, sizeof(float) * s.tokens * narrow);
        memset(dv + s.token * narrow, 0, sizeof(float) * s.tokens * narrow);
        for (int head = 0; head < heads; ++head) {
            long from = s.token * kvStride + head / group * HEAD, to = s.token * narrow + head / group * HEAD;
            if (head % group == 0) {
                packTransposed(k + from, kvStride, s.tokens, HEAD, keys);
                packTransposed(v + from, kvStride, s.tokens, HEAD, values);
                packPairs(k + from, kvStride, s.tokens, HEAD, keyPairs, HEAD);
            }
            for (int begin = 0; begin < s.queries; begin += BLOCK) {
                int count = std::min(BLOCK, s.queries - begin), first = s.tokens - s.queries + begin, end = first + count;
                long at = (s.query + begin) * stride + head * HEAD;
                multiply(q + at, stride, count, keys, end, scores);
                multiply(gradient + at, stride, count, values, end, products);
                for (int i = 0; i < count; i += 2)
                    differentiate(i, count, first, end, logSums + (s.query + begin) * heads + head, heads, gradient + at, out + at, stride);
                for (int i = 0; i < count; i += TALL)
                    tile<TALL, 2, WIDTH / 2>((const u32 *)(weights + i * WIDTH), 0, 1, keyPairs, HEAD, (end + 1) / 2, [&](int m, int n, __m512 sum) {
                        if (i + m < count) _mm512_storeu_ps(dq + at + (i + m) * stride + 16 * n, sum);
                    });
                packPairs(q + at, stride, count, HEAD, blockPairs, HEAD);
                accumulate(scoreGradientPairs, end, count, dk + to, narrow);
                packPairs(gradient + at, stride, count, HEAD, blockPairs, HEAD);
                accumulate(weightPairs, end, count, dv + to, narrow);
            }
        }
    }

private:
    Buffer<u32> keysAcross, valuesAcross, keysDown, valuesDown;
    alignas(64) float scores[BLOCK * WIDTH] = {}, products[BLOCK * WIDTH] = {};
    alignas(64) u16 weights[BLOCK * WIDTH] = {};  // probabilities forward, gradients of the scores backward
    alignas(64) u32 weightPairs[BLOCK / 2 * WIDTH] = {}, scoreGradientPairs[BLOCK / 2 * WIDTH] = {}, blockPairs[BLOCK / 2 * HEAD] = {};

    /// left [count, 32] times the first `columns` keys, into a block of scores. Rows are rounded up to six: the rest is not looked at.
    static void multiply(const u16 *left, long stride, int count, const u32 *right, int columns, float *into) {
        for (int column = 0; column < columns; column += PANEL, right += HEAD_PAIRS * PANEL)
            for (int i = 0; i < count; i += ROWS) {
                const u32 *a = (const u32 *)(left + i * stride);
                float *c = into + i * WIDTH + column;
                auto put = [&](int m, int n, __m512 v) { _mm512_storeu_ps(c + m * WIDTH + 16 * n, v); };
                switch (std::min(4, (columns - column + 15) / 16)) {
                case 4: tile<ROWS, 4>(a, stride / 2, 1, right, PANEL, HEAD_PAIRS, put); break;
                case 3: tile<ROWS, 3>(a, stride / 2, 1, right, PANEL, HEAD_PAIRS, put); break;
                case 2: tile<ROWS, 2>(a, stride / 2, 1, right, PANEL, HEAD_PAIRS, put); break;
                default: tile<ROWS, 1>(a, stride / 2, 1, right, PANEL, HEAD_PAIRS, put);
                }
            }
    }

    /// exp of the scores below `valid` into row i of the weights, zeros up to `end`; returns the log of their sum.
    float softmax(const float *row, int valid, int end, int i, float &inverse) {
        __m512 top = _mm512_set1_ps(-1e30f), sum = _mm512_setzero_ps();
        for (int c = 0; c < valid; c += 16) top = _mm512_mask_max_ps(top, below(valid, c), top, _mm512_loadu_ps(row + c));
        float max = _mm512_reduce_max_ps(top);
        for (int c = 0; c < end + 2; c += 16) {
            __m512 e = exp512(_mm512_sub_ps(_mm512_loadu_ps(row + c), _mm512_set1_ps(max)));
            e = _mm512_maskz_mov_ps(below(valid, c), e);
            sum = _mm512_add_ps(sum, e);
            store(weights + i * WIDTH + c, e);
        }
        float total = _mm512_reduce_add_ps(sum);
        inverse = 1 / total;
        return max + std::log(total);
    }

    /// Rows i and i + 1: probabilities and gradients of the scores, the latter as rows too.
    void differentiate(int i, int count, int first, int end, const float *logSums, int heads, const u16 *gradient, const u16 *out, long stride) {
        __m512 sums[2], dots[2];
        for (int r = 0; r < 2; ++r) {
            if (i + r >= count) continue;
            const u16 *g = gradient + (i + r) * stride, *o = out + (i + r) * stride;
            sums[r] = _mm512_set1_ps(logSums[(i + r) * heads]);
            dots[r] = _mm512_set1_ps(_mm512_reduce_add_ps(_mm512_fmadd_ps(load(g), load(o), _mm512_mul_ps(load(g + 16), load(o + 16)))));
        }
        __m512i order = _mm512_load_si512(WEAVE);
        for (int c = 0; c < end + TALL; c += 16) {
            __m512 p[2], d[2];
            for (int r = 0; r < 2; ++r) {
                p[r] = d[r] = _mm512_setzero_ps();
                if (i + r >= count) continue;
                long at = (i + r) * WIDTH + c;
                __mmask16 mask = below(first + i + r + 1, c);
                p[r] = _mm512_maskz_mov_ps(mask, exp512(_mm512_sub_ps(_mm512_loadu_ps(scores + at), sums[r])));
                d[r] = _mm512_maskz_mul_ps(mask, p[r], _mm512_sub_ps(_mm512_loadu_ps(products + at), dots[r]));
                store(weights + at, d[r]);
            }
            long at = i / 2 * WIDTH + c;
            _mm512_storeu_si512(weightPairs + at, _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(p[1], p[0])));
            _mm512_storeu_si512(scoreGradientPairs + at, _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(d[1], d[0])));
        }
    }

    alignas(64) static constexpr u16 WEAVE[32] = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
                                                  8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};

    /// into [end, 32] += the transposed block times blockPairs.
    void accumulate(const u32 *pairs, int end, int count, float *into, long stride) const {
        for (int key = 0; key < end; key += TALL)
            tile<TALL, 2, 1>(pairs + key, 0, WIDTH, blockPairs, HEAD, (count + 1) / 2, [&](int m, int n, __m512 sum) {
                if (key + m >= end) return;
                float *p = into + (key + m) * stride + 16 * n;
                _mm512_storeu_ps(p, _mm512_add_ps(_mm512_loadu_ps(p), sum));
            });
    }
};
