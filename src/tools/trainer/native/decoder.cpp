// Loss and gradients of the decoder of model.py for a packed batch, by hand: rows of tokens stand one after the other without padding, the
// last layer and the vocabulary see only the tokens that predict an answer. Products are bf16 with fp32 sums; the residual stream,
// norms, softmax and all gradients of weights are fp32. One thread; called from native.py.

#include <algorithm>
#include <vector>

#include "attention.h"

namespace {

struct Shape {
    int vocabulary, hidden, layers, heads, kvHeads, feedForward, context;
    float theta, epsilon;
    int q() const { return heads * HEAD; }
    int kv() const { return kvHeads * HEAD; }
    int qkv() const { return q() + 2 * kv(); }
};

/// A weight matrix [outputs, inputs] as right side, forward and backward, and its place in the flat weights.
struct Matrix {
    long at = 0;
    int outputs = 0, inputs = 0;
    Buffer<u32> forward, backward;

    void pack(const float *weights, u16 *half) {
        toHalf(weights + at, half, (long)outputs * inputs);
        packTransposed(half, inputs, outputs, inputs, forward.reserve((long)outputs * inputs / 2));
        packPairs(half, inputs, outputs, inputs, backward.reserve((long)outputs * inputs / 2));
    }
};

struct Layer {
    Matrix qkv, o, gateUp, down;
    long inputNorm = 0, postNorm = 0;
    Buffer<float> x, xScale, middle, middleScale, logSums;  // residual stream before each norm
    Buffer<u16> in, tailIn, q, kv, attended, h, gu;
};

struct Batch {
    const int *ids, *positions;
    std::vector<Span> spans, tailSpans;
    std::vector<int> tail;  // tokens that predict
    int tokens;
};

class Model {
public:
    explicit Model(const Shape &shape) : s(shape), layers(shape.layers) {
        long at = (long)s.vocabulary * s.hidden;
        auto place = [&](Matrix &m, int outputs, int inputs) { m.at = at, m.outputs = outputs, m.inputs = inputs, at += (long)outputs * inputs; };
        for (Layer &l : layers) {
            l.inputNorm = at, l.postNorm = at + s.hidden, at += 2 * s.hidden;
            place(l.qkv, s.qkv(), s.hidden), place(l.o, s.hidden, s.q());
            place(l.gateUp, 2 * s.feedForward, s.hidden), place(l.down, s.hidden, s.feedForward);
        }
        norm = at;
        cosines.resize(s.context * 16), sines.resize(s.context * 16);
        for (int position = 0; position < s.context; ++position)
            for (int i = 0; i < 16; ++i) {
                double angle = position * std::pow((double)s.theta, -i / 16.0);
                cosines[position * 16 + i] = std::cos(angle), sines[position * 16 + i] = std::sin(angle);
            }
    }

    void pack(const float *values) {
        weights = values;
        for (Layer &l : layers)
            for (Matrix *m : {&l.qkv, &l.o, &l.gateUp, &l.down}) m->pack(values, scratchHalf.reserve((long)m->outputs * m->inputs));
    }

    /// Sum of weighted losses; adds the gradients. `wanted` and `tailWeights` are per predicting token, `classes` the candidates.
    double gradient(const Batch &batch, const int *wanted, const float *tailWeights, const int *classes, int classCount, float *gradients) {
        b = &batch, g = gradients;
        int h = s.hidden;
        float *x = layers[0].x.reserve((long)batch.tokens * h);
        for (int t = 0; t < batch.tokens; ++t) memcpy(x + (long)t * h, weights + (long)batch.ids[t] * h, sizeof(float) * h);
        for (size_t i = 0; i < layers.size(); ++i) {
            bool last = i + 1 == layers.size();
            int queries = last ? (int)batch.tail.size() : batch.tokens;
            float *y = (last ? final : layers[i + 1].x).reserve((long)queries * h);
            forward(layers[i], last, queries, y);
        }
        int tail = (int)batch.tail.size();
        float *dx = delta.reserve((long)batch.tokens * h);
        double loss = output(tail, wanted, tailWeights, classes, classCount, dx);
        for (int i = (int)layers.size() - 1; i >= 0; --i) backward(layers[i], i + 1 == (int)layers.size(), dx);
        for (int t = 0; t < batch.tokens; ++t) add(g + (long)batch.ids[t] * h, dx + (long)t * h);
        return loss;
    }

private:
    Shape s;
    std::vector<Layer> layers;
    std::vector<float> cosines, sines;
    long norm = 0;
    const float *weights = nullptr;
    const Batch *b = nullptr;
    float *g = nullptr;
    Attention attention;
    Buffer<float> final, finalScale, delta, wide, dq, dk, dv, classGradients;
    Buffer<u16> scratchHalf, activation, dy, dwide, dnarrow, finalHalf, embeddings, dlogits;
    Buffer<u32> packLeft, packRight, classesAcross, classesDown;

    void add(float *to, const float *from) const {
        for (int i = 0; i < s.hidden; i += 16) _mm512_storeu_ps(to + i, _mm512_add_ps(_mm512_loadu_ps(to + i), _mm512_loadu_ps(from + i)));
    }

    template <class Out> void linear(const u16 *x, int rows, const Matrix &m, Out out, int from = 0, int to = 0) const {
        int begin = from / PANEL, panels = (to ? to : m.outputs) / PANEL - begin;
        long stride = (long)m.inputs / 2 * PANEL;
        product((const u32 *)x, m.inputs / 2, 1, rows, m.forward + begin * stride, stride, panels, m.inputs / 2, out);
    }

    /// dx = dy W, over the outputs from .. to of W; dy has stride `stride`.
    template <class Out> void linearBack(const u16 *dy, long stride, int rows, const Matrix &m, Out out, int from = 0, int to = 0) const {
        int pairs = ((to ? to : m.outputs) - from) / 2;
        product((const u32 *)dy, stride / 2, 1, rows, m.backward + from / 2 * PANEL, (long)m.outputs / 2 * PANEL, m.inputs / PANEL, pairs, out);
    }

    /// into [outputs, inputs] += dy^T x.
    void weightGradient(const u16 *dy, int outputs, const u16 *x, int inputs, int rows, float *into) {
        long pairs = (rows + 1) / 2, panel = pairs * PANEL;
        packPairs(dy, outputs, rows, outputs, packLeft.reserve(panel * (outputs / PANEL)));
        packPairs(x, inputs, rows, inputs, packRight.reserve(panel * (inputs / PANEL)));
        for (int i = 0; i < outputs / PANEL; ++i)
            product(packLeft + i * panel, 1, PANEL, PANEL, packRight, panel, inputs / PANEL, pairs, AddFloat{into + (long)i * PANEL * inputs, inputs});
    }

    void normalize(const float *x, int rows, long weightAt, float *scales, u16 *out) const {
        int n = s.hidden;
        for (int row = 0; row < rows; ++row, x += n, out += n) {
            __m512 sum = _mm512_setzero_ps();
            for (int i = 0; i < n; i += 16) sum = _mm512_fmadd_ps(_mm512_loadu_ps(x + i), _mm512_loadu_ps(x + i), sum);
            scales[row] = 1 / std::sqrt(_mm512_reduce_add_ps(sum) / n + s.epsilon);
            __m512 scale = _mm512_set1_ps(scales[row]);
            for (int i = 0; i < n; i += 16)
                store(out + i, _mm512_mul_ps(_mm512_mul_ps(_mm512_loadu_ps(x + i), scale), _mm512_loadu_ps(weights + weightAt + i)));
        }
    }

    /// dx (+)= the gradient through the norm of dy [rows, hidden].
    void normalizeBack(const float *dy, const float *x, int rows, long weightAt, const float *scales, float *dx, bool addTo) {
        int n = s.hidden;
        const float *w = weights + weightAt;
        float *dw = g + weightAt;
        for (int row = 0; row < rows; ++row, x += n, dy += n, dx += n) {
            __m512 scale = _mm512_set1_ps(scales[row]), sum = _mm512_setzero_ps();
            for (int i = 0; i < n; i += 16) {
                __m512 xy = _mm512_mul_ps(_mm512_loadu_ps(dy + i), _mm512_loadu_ps(x + i));
                sum = _mm512_fmadd_ps(xy, _mm512_loadu_ps(w + i), sum);
                _mm512_storeu_ps(dw + i, _mm512_fmadd_ps(xy, scale, _mm512_loadu_ps(dw + i)));
            }
            __m512 mean = _mm512_mul_ps(_mm512_set1_ps(_mm512_reduce_add_ps(sum) / n), _mm512_mul_ps(scale, scale));
            for (int i = 0; i < n; i += 16) {
                __m512 d = _mm512_mul_ps(_mm512_loadu_ps(dy + i), _mm512_loadu_ps(w + i));
                d = _mm512_mul_ps(scale, _mm512_fnmadd_ps(_mm512_loadu_ps(x + i), mean, d));
                _mm512_storeu_ps(dx + i, addTo ? _mm512_add_ps(d, _mm512_loadu_ps(dx + i)) : d);
            }
        }
    }

    /// Turns the heads of one token by its position; `direction` -1 turns back.
    template <class Read> void rotate(Read read, u16 *out, int heads, int position, float scale, float direction) const {
        __m512 cos = _mm512_loadu_ps(&cosines[position * 16]), sin = _mm512_loadu_ps(&sines[position * 16]);
        cos = _mm512_mul_ps(cos, _mm512_set1_ps(scale)), sin = _mm512_mul_ps(sin, _mm512_set1_ps(scale * direction));
        for (int i = 0; i < heads * HEAD; i += HEAD) {
            __m512 a = read(i), c = read(i + 16);
            store(out + i, _mm512_fmsub_ps(a, cos, _mm512_mul_ps(c, sin)));
            store(out + i + 16, _mm512_fmadd_ps(c, cos, _mm512_mul_ps(a, sin)));
        }
    }

    int tokenOf(bool last, int query) const { return last ? b->tail[query] : query; }
    const std::vector<Span> &spansOf(bool last) const { return last ? b->tailSpans : b->spans; }

    void forward(Layer &l, bool last, int queries, float *y) {
        int h = s.hidden, tokens = b->tokens, ff = s.feedForward;
        u16 *in = l.in.reserve((long)tokens * h), *q = l.q.reserve((long)queries * s.q()), *kv = l.kv.reserve((long)tokens * 2 * s.kv());
        normalize(l.x, tokens, l.inputNorm, l.xScale.reserve(tokens), in);
        float *middle = l.middle.reserve((long)queries * h);
        u16 *queryIn = in;
        if (last) {
            queryIn = l.tailIn.reserve((long)queries * h);
            for (int i = 0; i < queries; ++i) {
                memcpy(queryIn + (long)i * h, in + (long)b->tail[i] * h, 2 * h);
                memcpy(middle + (long)i * h, l.x + (long)b->tail[i] * h, 4 * h);
            }
        } else {
            memcpy(middle, l.x, sizeof(float) * tokens * h);
        }
        linear(queryIn, queries, l.qkv, StoreHalf{q, s.q()}, 0, s.q());
        linear(in, tokens, l.qkv, StoreHalf{kv, 2 * s.kv()}, s.q());
        float scale = 1 / std::sqrt((float)HEAD);
        for (int i = 0; i < queries; ++i) {
            u16 *row = q + (long)i * s.q();
            rotate([&](int c) { return load(row + c); }, row, s.heads, b->positions[tokenOf(last, i)], scale, 1);
        }
        for (int t = 0; t < tokens; ++t) {
            u16 *row = kv + (long)t * 2 * s.kv();
            rotate([&](int c) { return load(row + c); }, row, s.kvHeads, b->positions[t], 1, 1);
        }
        u16 *attended = l.attended.reserve((long)queries * s.q());
        float *logSums = l.logSums.reserve((long)queries * s.heads);
        for (const Span &span : spansOf(last))
            attention.forward(span, s.heads, s.heads / s.kvHeads, q, kv, kv + s.kv(), 2 * s.kv(), attended, logSums);
        linear(attended, queries, l.o, AddFloat{middle, h});
        normalize(middle, queries, l.postNorm, l.middleScale.reserve(queries), l.h.reserve((long)queries * h));
        u16 *gu = l.gu.reserve((long)queries * 2 * ff), *act = activation.reserve((long)queries * ff);
        linear(l.h, queries, l.gateUp, StoreHalf{gu, 2 * ff});
        for (int i = 0; i < queries; ++i)
            for (int c = 0; c < ff; c += 16) {
                __m512 gate = load(gu + (long)i * 2 * ff + c), up = load(gu + (long)i * 2 * ff + ff + c);
                store(act + (long)i * ff + c, _mm512_mul_ps(_mm512_mul_ps(gate, sigmoid(gate)), up));
            }
        memcpy(y, middle, sizeof(float) * queries * h);
        linear(act, queries, l.down, AddFloat{y, h});
    }

    static __m512 sigmoid(__m512 x) {
        __m512 one = _mm512_set1_ps(1);
        return _mm512_div_ps(one, _mm512_add_ps(one, exp512(_mm512_min_ps(_mm512_sub_ps(_mm512_setzero_ps(), x), _mm512_set1_ps(80)))));
    }

    /// Final norm, candidates and cross entropy; writes the gradient of the last layer's output.
    double output(int tail, const int *wanted, const float *tailWeights, const int *classes, int classCount, float *dx) {
        int h = s.hidden, padded = (classCount + PANEL - 1) / PANEL * PANEL;
        u16 *hidden = finalHalf.reserve((long)tail * h), *rows = embeddings.reserve((long)padded * h);
        normalize(final, tail, norm, finalScale.reserve(tail), hidden);
        for (int c = 0; c < padded; ++c) toHalf(weights + (long)classes[std::min(c, classCount - 1)] * h, rows + (long)c * h, h);
        packTransposed(rows, h, padded, h, classesAcross.reserve((long)padded * h / 2));
        packPairs(rows, h, padded, h, classesDown.reserve((long)padded * h / 2));
        u16 *d = dlogits.reserve((long)tail * padded);
        constexpr int CHUNK = 48;
        float *logits = wide.reserve((long)CHUNK * padded);
        double loss = 0;
        for (int begin = 0; begin < tail; begin += CHUNK) {
            int count = std::min(CHUNK, tail - begin);
            product((const u32 *)(hidden + (long)begin * h), h / 2, 1, count, classesAcross, h / 2 * PANEL, padded / PANEL, h / 2, StoreFloat{logits, padded});
            for (int i = 0; i < count; ++i)
                loss += crossEntropy(logits + (long)i * padded, classCount, padded, wanted[begin + i], tailWeights[begin + i], d + (long)(begin + i) * padded);
        }
        float *dh = wide.reserve((long)tail * h);
        product((const u32 *)d, padded / 2, 1, tail, classesDown, (long)padded / 2 * PANEL, h / PANEL, padded / 2, StoreFloat{dh, h});
        float *dc = classGradients.reserve((long)padded * h);
        memset(dc, 0, sizeof(float) * padded * h);
        weightGradient(d, padded, hidden, h, tail, dc);
        for (int c = 0; c < classCount; ++c) add(g + (long)classes[c] * h, dc + (long)c * h);
        normalizeBack(dh, final, tail, norm, finalScale, dx, false);
        return loss;
    }

    static double crossEntropy(const float *z, int count, int padded, int wanted, float weight, u16 *d) {
        __m512 top = _mm512_set1_ps(-1e30f), sum = _mm512_setzero_ps();
        for (int c = 0; c < padded; c += 16) top = _mm512_mask_max_ps(top, below(count, c), top, _mm512_loadu_ps(z + c));
        float max = _mm512_reduce_max_ps(top);
        for (int c = 0; c < padded; c += 16) sum = _mm512_mask_add_ps(sum, below(count, c), sum, exp512(_mm512_sub_ps(_mm512_loadu_ps(z + c), _mm512_set1_ps(max))));
        float total = max + std::log(_mm512_reduce_add_ps(sum));
        for (int c = 0; c < padded; c += 16) {
            __m512 p = _mm512_maskz_mov_ps(below(count, c), exp512(_mm512_sub_ps(_mm512_loadu_ps(z + c), _mm512_set1_ps(total))));
            if (wanted >= c && wanted < c + 16) p = _mm512_mask_sub_ps(p, 1 << (wanted - c), p, _mm512_set1_ps(1));
            store(d + c, _mm512_mul_ps(p, _mm512_set1_ps(weight)));
        }
        return weight * (total - z[wanted]);
    }

    /// dx comes as the gradient of the layer's output (of its queries) and goes as that of its input (of all tokens).
    void backward(Layer &l, bool last, float *dx) {
        int h = s.hidden, tokens = b->tokens, ff = s.feedForward, queries = last ? (int)b->tail.size() : tokens;
        u16 *half = dy.reserve((long)queries * h), *act = activation.reserve((long)queries * ff), *dgu = dwide.reserve((long)queries * 2 * ff);
        toHalf(dx, half, (long)queries * h);
        u16 *dact = dnarrow.reserve((long)queries * std::max(ff, s.q()));
        linearBack(half, h, queries, l.down, StoreHalf{dact, ff});
        for (int i = 0; i < queries; ++i)
            for (int c = 0; c < ff; c += 16) {
                long at = (long)i * 2 * ff + c;
                __m512 gate = load(l.gu + at), up = load(l.gu + at + ff), d = load(dact + (long)i * ff + c);
                __m512 sig = sigmoid(gate), silu = _mm512_mul_ps(gate, sig);
                store(act + (long)i * ff + c, _mm512_mul_ps(silu, up));
                store(dgu + at + ff, _mm512_mul_ps(d, silu));
                __m512 slope = _mm512_mul_ps(sig, _mm512_add_ps(_mm512_set1_ps(1), _mm512_sub_ps(gate, silu)));
                store(dgu + at, _mm512_mul_ps(_mm512_mul_ps(d, up), slope));
            }
        weightGradient(half, h, act, ff, queries, g + l.down.at);
        float *dh = wide.reserve((long)tokens * h);
        linearBack(dgu, 2 * ff, queries, l.gateUp, StoreFloat{dh, h});
        weightGradient(dgu, 2 * ff, l.h, h, queries, g + l.gateUp.at);
        normalizeBack(dh, l.middle, queries, l.postNorm, l.middleScale, dx, true);
        toHalf(dx, half, (long)queries * h);
        u16 *dattended = dact;
        linearBack(half, h, queries, l.o, StoreHalf{dattended, s.q()});
        weightGradient(half, h, l.attended, s.q(), queries, g + l.o.at);
        attentionBack(l, last, queries, dattended, dx);
    }

    void attentionBack(Layer &l, bool last, int queries, const u16 *dattended, float *dx) {
        int h = s.hidden, tokens = b->tokens, nq = s.q(), nkv = s.kv();
        float *gq = dq.reserve((long)queries * nq), *gk = dk.reserve((long)tokens * nkv), *gv = dv.reserve((long)tokens * nkv);
        for (const Span &span : spansOf(last))
            attention.backward(span, s.heads, s.heads / s.kvHeads, l.q, l.kv, l.kv + nkv, 2 * nkv, l.attended, l.logSums, dattended, gq, gk, gv);
        u16 *hq = dwide.reserve((long)queries * nq + (long)tokens * 2 * nkv), *hkv = hq + (long)queries * nq;
        float scale = 1 / std::sqrt((float)HEAD);
        for (int i = 0; i < queries; ++i)
            rotate([&](int c) { return _mm512_loadu_ps(gq + (long)i * nq + c); }, hq + (long)i * nq, s.heads, b->positions[tokenOf(last, i)], scale, -1);
        for (int t = 0; t < tokens; ++t) {
            rotate([&](int c) { return _mm512_loadu_ps(gk + (long)t * nkv + c); }, hkv + (long)t * 2 * nkv, s.kvHeads, b->positions[t], 1, -1);
            toHalf(gv + (long)t * nkv, hkv + (long)t * 2 * nkv + nkv, nkv);
        }
        float *din = wide.reserve((long)tokens * h);
        linearBack(hkv, 2 * nkv, tokens, l.qkv, StoreFloat{din, h}, nq, nq + 2 * nkv);
        if (last) {
            float *dqueries = dk.reserve((long)queries * h);
            linearBack(hq, nq, queries, l.qkv, StoreFloat{dqueries, h}, 0, nq);
            for (int i = 0; i < queries; ++i) add(din + (long)b->tail[i] * h, dqueries + (long)i * h);
            float *through = dq.reserve((long)queries * h);  // the residual reaches only the tail
            memcpy(through, dx, sizeof(float) * queries * h);
            memset(dx, 0, sizeof(float) * tokens * h);
            for (int i = 0; i < queries; ++i) memcpy(dx + (long)b->tail[i] * h, through + (long)i * h, sizeof(float) * h);
        } else {
            linearBack(hq, nq, queries, l.qkv, AddFloat{din, h}, 0, nq);
        }
        weightGradient(hq, nq, last ? l.tailIn : l.in, h, queries, g + l.qkv.at);
        weightGradient(hkv, 2 * nkv, l.in, h, tokens, g + l.qkv.at + (long)nq * h);
        normalizeBack(din, l.x, tokens, l.inputNorm, l.xScale, dx, true);
    }
};

}  // namespace

extern "C" {

/// sizes: vocabulary, hidden, layers, heads, kv heads, feed forward, context. The hidden sizes must be multiples of 64, heads of 32.
void *decoder_new(const int *sizes, float theta, float epsilon) {
    return new Model({sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6], theta, epsilon});
}

void decoder_free(void *model) { delete static_cast<Model *>(model); }

/// Takes over new weights (flat, in the order of model.parameters()), which must stay where they are until the next call.
void decoder_pack(void *model, const float *weights) { static_cast<Model *>(model)->pack(weights); }

/// `lengths` and `answers` per row: its tokens, and the index of its first answer token. All tokens from answer - 1 to the last
/// but one predict; per predicting token `wanted` (an index into classes) and `weights`. Returns the sum of weighted losses.
double decoder_gradient(void *model, const int *ids, const int *positions, int rows, const int *lengths, const int *answers, const int *wanted,
                        const float *weights, const int *classes, int classCount, float *gradients) {
    Batch batch{ids, positions, {}, {}, {}, 0};
    for (int row = 0; row < rows; ++row) {
        int n = lengths[row], first = answers[row] - 1;
        batch.spans.push_back({n, n, batch.tokens, batch.tokens});
        batch.tailSpans.push_back({n, n - first, batch.tokens, (long)batch.tail.size()});
        for (int i = first; i < n; ++i) batch.tail.push_back(batch.tokens + i);
        batch.tokens += n;
    }
    return static_cast<Model *>(model)->gradient(batch, wanted, weights, classes, classCount, gradients);
}

}
