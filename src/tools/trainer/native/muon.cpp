// Newton-Schulz towards the nearest orthogonal matrix, as in muon.py, with the products of kernels.h.

#include "kernels.h"

namespace {

Buffer<u16> half, gram, mixed;
Buffer<u32> right;
Buffer<float> x, sums, next;

/// One step: x = a x + (b G + c G G) x with G = x x^T, for x [rows, columns]; both multiples of 64.
void refine(int rows, int columns) {
    constexpr float a = 3.4445f, b = -4.7750f, c = 2.0315f;
    long square = (long)rows * rows, size = (long)rows * columns;
    toHalf(x, half.reserve(size), size);
    packTransposed(half, columns, rows, columns, right.reserve(size / 2));
    product((const u32 *)(u16 *)half, columns / 2, 1, rows, right, (long)columns / 2 * PANEL, rows / PANEL, columns / 2, StoreFloat{sums.reserve(square), rows});
    toHalf(sums, gram.reserve(square), square);
    for (long i = 0; i < square; ++i) sums[i] *= b / c;
    packPairs(gram, rows, rows, rows, right.reserve(square / 2));
    product((const u32 *)(u16 *)gram, rows / 2, 1, rows, right, (long)rows / 2 * PANEL, rows / PANEL, rows / 2, AddFloat{sums, rows});
    for (long i = 0; i < square; ++i) sums[i] *= c;
    toHalf(sums, mixed.reserve(square), square);
    packPairs(half, columns, rows, columns, right.reserve(size / 2));
    for (long i = 0; i < size; ++i) x[i] *= a;
    product((const u32 *)(u16 *)mixed, rows / 2, 1, rows, right, (long)rows / 2 * PANEL, columns / PANEL, rows / 2, AddFloat{x, columns});
}

}  // namespace

/// source and target are [rows, columns]; a tall matrix is worked on transposed. Not for several threads at once.
extern "C" void muon_orthogonalize(const float *source, int rows, int columns, int steps, float *target) {
    bool tall = rows > columns;
    long size = (long)rows * columns;
    float *work = x.reserve(size), norm = 0;
    for (long i = 0; i < size; ++i) norm += source[i] * source[i];
    float scale = 1 / (std::sqrt(norm) + 1e-7f);
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) work[tall ? (long)column * rows + row : (long)row * columns + column] = source[(long)row * columns + column] * scale;
    for (int step = 0; step < steps; ++step) refine(tall ? columns : rows, tall ? rows : columns);
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) target[(long)row * columns + column] = work[tall ? (long)column * rows + row : (long)row * columns + column];
}
