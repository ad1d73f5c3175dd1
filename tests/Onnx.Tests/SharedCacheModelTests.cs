using Cluster.Decoding.Models;

namespace Cluster.Onnx.Tests;

public sealed class SharedCacheModelTests : IDisposable
{
    private readonly TinyModel _tiny = new();
    private readonly ModelBatch _batch = new(8, 256);

    [Fact]
    public void CopySlot_ContinuesLikeTheSource()
    {
        using var model = Load(slots: 3);
        var tokens = TinyModel.Tokens(20, 1);
        var expected = _tiny.Reference.Logits(tokens);
        Agreement.Chunk(model, _batch, 0, 0, tokens.AsSpan(0, 12), expected);

        model.CopySlot(0, 2, 12);
        // The source goes on to something else.
        Agreement.Chunk(model, _batch, 0, 0, TinyModel.Tokens(15, 2), _tiny.Reference.Logits(TinyModel.Tokens(15, 2)));

        Assert.InRange(Agreement.Chunk(model, _batch, 2, 12, tokens.AsSpan(12), expected), 0, 1e-4);
    }

    [Fact]
    public void Decode_InAnyAdjacentSlots_AgreesAndLeavesTheOthersAlone()
    {
        using var model = Load(slots: 5);
        var sequences = Enumerable.Range(0, 5).Select(slot => TinyModel.Tokens(10 + slot, slot)).ToArray();
        var expected = sequences.Select(tokens => _tiny.Reference.Logits(tokens)).ToArray();
        for (var slot = 0; slot < 5; slot++)
        {
            Agreement.Chunk(model, _batch, slot, 0, sequences[slot].AsSpan(0, 5 + slot), expected[slot]);
        }

        int[] done = [5, 6, 7, 8, 9];
        foreach (var (first, count) in new[] { (1, 3), (3, 2), (0, 1), (1, 2), (0, 5) })
        {
            _batch.Clear();
            for (var slot = first; slot < first + count; slot++)
            {
                _batch.AddDecode(slot, done[slot], sequences[slot][done[slot]]);
            }

            model.Execute(_batch);
            for (var slot = first; slot < first + count; slot++)
            {
                Assert.InRange(Agreement.Difference(model.Logits(slot - first, 0), expected[slot][done[slot]++]), 0, 1e-4);
            }
        }
    }

    [Fact]
    public void DecodeAndChunkOfOneStep_BothAgree()
    {
        using var model = Load(slots: 2);
        var (first, second) = (TinyModel.Tokens(9, 1), TinyModel.Tokens(30, 2));
        var (expectedFirst, expectedSecond) = (_tiny.Reference.Logits(first), _tiny.Reference.Logits(second));
        Agreement.Chunk(model, _batch, 0, 0, first.AsSpan(0, 8), expectedFirst);

        _batch.Clear();
        var decode = _batch.AddDecode(0, 8, first[8]);
        var chunk = _batch.AddChunk(1, 0, second, LogitsWanted.Last);
        model.Execute(_batch);

        Assert.InRange(Agreement.Difference(model.Logits(decode, 0), expectedFirst[8]), 0, 1e-4);
        Assert.InRange(Agreement.Difference(model.Logits(chunk, 29), expectedSecond[29]), 0, 1e-4);
    }

    [Fact]
    public void Slot_UpToItsLastPosition_AgreesAndOnePastItIsRefused()
    {
        using var model = Load(slots: 1, contextLength: 64);
        var tokens = TinyModel.Tokens(64, 4);
        var expected = _tiny.Reference.Logits(tokens);
        Agreement.Chunk(model, _batch, 0, 0, tokens.AsSpan(0, 63), expected);

        _batch.Clear();
        _batch.AddDecode(0, 63, tokens[63]);
        model.Execute(_batch);
        Assert.InRange(Agreement.Difference(model.Logits(0, 0), expected[63]), 0, 1e-4);

        _batch.Clear();
        _batch.AddDecode(0, 64, 1);
        Assert.Throws<ModelException>(() => model.Execute(_batch));
    }

    [Fact]
    public void FailedRun_IsTyped_NamesNoToken_AndTheNextStepGoesOn()
    {
        using var model = Load(slots: 2);
        var tokens = TinyModel.Tokens(6, 1);
        var expected = _tiny.Reference.Logits(tokens);
        Agreement.Chunk(model, _batch, 0, 0, tokens.AsSpan(0, 5), expected);

        _batch.Clear();
        _batch.AddDecode(0, 5, 99_999);
        var error = Assert.Throws<ModelException>(() => model.Execute(_batch));
        Assert.DoesNotContain("99999", error.Message, StringComparison.Ordinal);

        _batch.Clear();
        _batch.AddDecode(0, 5, tokens[5]);
        model.Execute(_batch);
        Assert.InRange(Agreement.Difference(model.Logits(0, 0), expected[5]), 0, 1e-4);
    }

    [Fact]
    public void DecodeRows_WithAHole_AreRefused()
    {
        using var model = Load(slots: 3);
        _batch.Clear();
        _batch.AddDecode(0, 0, 1);
        _batch.AddDecode(2, 0, 1);
        Assert.Throws<ModelException>(() => model.Execute(_batch));
    }

    [Fact]
    public void Interrupt_FailsOneRunAtMost()
    {
        using var model = Load(slots: 1);
        _batch.Clear();
        _batch.AddDecode(0, 0, 1);
        model.Execute(_batch);

        model.Interrupt();
        Assert.Throws<ModelException>(() => model.Execute(_batch));
        model.Execute(_batch);
    }

    [Fact]
    public void Execute_OnceWarm_AllocatesNothing()
    {
        using var model = Load(slots: 4);
        void Step(int past)
        {
            _batch.Clear();
            for (var slot = 0; slot < 4; slot++)
            {
                _batch.AddDecode(slot, past, 5 + slot);
            }

            model.Execute(_batch);
        }

        for (var past = 0; past < 20; past++)
        {
            Step(past);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var past = 20; past < 220; past++)
        {
            Step(past);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _tiny.Dispose();

    private IModel Load(int slots, int contextLength = 0) =>
        OnnxModel.Load(new OnnxModelOptions { Folder = _tiny.Folder, Id = "tiny", Slots = slots, ContextLength = contextLength,
            Threads = 1 });
}
