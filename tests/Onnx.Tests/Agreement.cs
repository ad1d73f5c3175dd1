using Cluster.Decoding.Models;

namespace Cluster.Onnx.Tests;

/// <summary>Drives a model the way the engine does, and compares every logit with the reference.</summary>
public static class Agreement
{
    /// <summary>
    /// Three sequences of different lengths: first prompts in chunks, then chunks behind a past, then ragged decode steps over all of them.
    /// </summary>
    /// <returns>The largest difference of any logit.</returns>
    public static double Worst(IModel model, ReferenceDecoder reference, int decodeSteps = 6)
    {
        int[] firsts = [5, 1, 11];
        int[] seconds = [4, 17, 2];
        var sequences = firsts.Select((first, slot) => TinyModel.Tokens(first + seconds[slot] + decodeSteps, slot)).ToArray();
        var expected = sequences.Select(tokens => reference.Logits(tokens)).ToArray();
        var batch = new ModelBatch(8, 256);
        var worst = 0.0;
        for (var slot = 0; slot < sequences.Length; slot++)
        {
            worst = Math.Max(worst, Chunk(model, batch, slot, 0, sequences[slot].AsSpan(0, firsts[slot]), expected[slot]));
            worst = Math.Max(worst, Chunk(model, batch, slot, firsts[slot], sequences[slot].AsSpan(firsts[slot], seconds[slot]),
                expected[slot]));
        }

        for (var step = 0; step < decodeSteps; step++)
        {
            batch.Clear();
            for (var slot = 0; slot < sequences.Length; slot++)
            {
                var past = firsts[slot] + seconds[slot] + step;
                batch.AddDecode(slot, past, sequences[slot][past]);
            }

            model.Execute(batch);
            for (var slot = 0; slot < sequences.Length; slot++)
            {
                worst = Math.Max(worst, Difference(model.Logits(slot, 0), expected[slot][firsts[slot] + seconds[slot] + step]));
            }
        }

        return worst;
    }

    public static double Chunk(IModel model, ModelBatch batch, int slot, int past, ReadOnlySpan<int> tokens, double[][] expected)
    {
        var every = model.Info.Capabilities.LogitsAtEveryToken;
        batch.Clear();
        var row = batch.AddChunk(slot, past, tokens, every ? LogitsWanted.All : LogitsWanted.Last);
        model.Execute(batch);
        var worst = 0.0;
        for (var i = every ? 0 : tokens.Length - 1; i < tokens.Length; i++)
        {
            worst = Math.Max(worst, Difference(model.Logits(row, i), expected[past + i]));
        }

        return worst;
    }

    public static double Difference(ReadOnlySpan<float> actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(actual[i] - expected[i]);
            worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
        }

        return worst;
    }
}
