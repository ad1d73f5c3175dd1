using Cluster.Decoding.Sampling;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding.Tests.Sampling;

public class ConstraintPressureTests
{
    public static TheoryData<int, int> Sizes => new() { { 64, 1 }, { 100, 7 }, { 1024, 1000 }, { 3001, 1 }, { 3001, 40 }, { 3001, 1500 }, { 3001, 3000 }, { 3001, 3001 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Pressure_OfListAndBits_IsTheShareThatTheSumsSay(int vocabularySize, int allowedCount)
    {
        float[] logits = [.. Enumerable.Range(0, vocabularySize).Select(id => (float)((Uniform.Of(3, 0, id) - 0.5) * 12))];
        int[] allowed = [.. Enumerable.Range(0, vocabularySize).OrderBy(id => Uniform.Of(4, allowedCount, id)).Take(allowedCount).Order()];
        double total = logits.Sum(logit => Math.Exp(logit));
        double expected = 1 - (allowed.Sum(id => Math.Exp(logits[id])) / total);
        Assert.Equal(expected, ConstraintPressure.Of(logits, TokenMask.FromIds(allowed))!.Value, 5);
        Assert.Equal(expected, ConstraintPressure.Of(logits, BitsOf(allowed, vocabularySize))!.Value, 5);
    }

    [Fact]
    public void Pressure_WithImpossibleTokens_CountsThemAsNothing()
    {
        float[] logits = [float.NegativeInfinity, 0f, 0f, float.NegativeInfinity];
        Assert.Equal(0, ConstraintPressure.Of(logits, TokenMask.FromIds([1, 2]))!.Value, 6);
        Assert.Equal(0.5, ConstraintPressure.Of(logits, TokenMask.FromIds([0, 1]))!.Value, 6);
        Assert.Equal(1, ConstraintPressure.Of(logits, TokenMask.FromIds([3]))!.Value, 6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Pressure_OfLogitsThatAreNotNumbers_IsUnknown(float broken)
        => Assert.Null(ConstraintPressure.Of([0f, broken, 0f], TokenMask.FromIds([0])));

    private static TokenMask BitsOf(int[] allowed, int vocabularySize)
    {
        ulong[] bits = new ulong[(vocabularySize + 63) / 64];
        foreach (int id in allowed) bits[id >> 6] |= 1UL << (id & 63);
        return TokenMask.FromBits(bits);
    }
}
