using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Cluster.Decoding;
using Cluster.ModelBuilder;
using Cluster.Testing;

namespace Cluster.Onnx.Tests;

/// <summary>
/// The engine over a real session: more sequences than slots, prompts in chunks beside decode rows, and every sequence gets the tokens that the
/// reference would choose for it alone.
/// </summary>
public sealed class EngineOverOnnxTests
{
    private const int TokensMax = 24;

    [Theory]
    [InlineData(FolderLayout.GenAi)]
    [InlineData(FolderLayout.OptimumMerged)]
    public async Task Greedy_ManySequences_MatchTheReference(FolderLayout layout)
    {
        using var tiny = new TinyModel(change: options => options with { Layout = layout });
        var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 3, Threads = 1 });
        var tokenizer = new FakeTokenizer();
        using var engine = new Engine(model, tokenizer, new EngineOptions { StepTokensMax = 12 }, TimeProvider.System);
        var prompts = Enumerable.Range(0, 7).Select(i => TinyModel.Tokens(3 + (9 * i), i)).ToArray();

        var outputs = await Task.WhenAll(prompts.Select((prompt, i) => Run(engine, $"request {i}", prompt)));

        for (var i = 0; i < prompts.Length; i++)
        {
            Compare(tiny.Reference, prompts[i], outputs[i], tokenizer.Vocabulary.Size);
        }
    }

    [Fact]
    public async Task NotANumber_FailsItsSequenceTyped_AndTheEngineGoesOn()
    {
        using var tiny = new TinyModel(TinyModel.QwenLike, options => options with { ExternalFromBytes = 1000 });
        PoisonToken(tiny, token: 250);
        var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 2, Threads = 1 });
        var tokenizer = new FakeTokenizer();
        using var engine = new Engine(model, tokenizer, new EngineOptions(), TimeProvider.System);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Run(engine, "poisoned", [5, 7, 9, 11, 13, 15, 250]));
        Assert.Equal(nameof(SequenceErrorKind.ModelFailed), error.Message);

        // The slot still holds what is no number, behind the next sequence's own positions.
        var output = await Run(engine, "another", [5, 6]);
        Compare(tiny.Reference, [5, 6], output, tokenizer.Vocabulary.Size);
    }

    /// <summary>Makes one row of the embedding NaN: a prompt that holds this token gives no numbers.</summary>
    private static void PoisonToken(TinyModel tiny, int token)
    {
        var row = new float[tiny.Shape.Hidden];
        var table = new float[tiny.Shape.Vocabulary * tiny.Shape.Hidden];
        new ModelBuilder.Weights.RandomWeights(tiny.Shape, TinyModel.Seed).Read("model.embed_tokens.weight", table);
        table.AsSpan(token * row.Length, row.Length).CopyTo(row);
        var path = Path.Combine(tiny.Folder, "model.onnx.data");
        var bytes = File.ReadAllBytes(path);
        var start = bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes(row.AsSpan()));
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan(start, row.Length * sizeof(float))).Fill(float.NaN);
        File.WriteAllBytes(path, bytes);
    }

    private static Task<int[]> Run(Engine engine, string id, int[] prompt)
    {
        var tokens = new ConcurrentQueue<int>();
        var done = new TaskCompletionSource<int[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var outcome = engine.Submit(new SequenceSubmission
        {
            Journal = new SequenceJournal
            {
                RequestId = id,
                PromptTokens = [.. prompt],
                Sampling = new SamplingOptions { Temperature = 0 },
                TokensMax = TokensMax,
            },
            Sink = delta =>
            {
                foreach (var token in delta.Tokens)
                {
                    tokens.Enqueue(token);
                }

                if (delta.Error is { } error)
                {
                    done.TrySetException(new InvalidOperationException(error.Kind.ToString()));
                }
                else if (delta.Finish is not null)
                {
                    done.TrySetResult([.. tokens]);
                }
            },
        });
        Assert.True(outcome is AdmissionOutcome.Admitted or AdmissionOutcome.Deferred);
        return done.Task;
    }

    private static void Compare(ReferenceDecoder reference, int[] prompt, int[] output, int vocabularySize)
    {
        var logits = reference.Logits([.. prompt, .. output]);
        for (var i = 0; i <= output.Length && i < TokensMax; i++)
        {
            var row = logits[prompt.Length - 1 + i].Take(vocabularySize).ToArray();
            var chosen = i < output.Length ? output[i] : FakeTokenizer.End;
            // Within rounding of the largest: a tie may go either way.
            Assert.InRange(row.Max() - row[chosen], 0, 1e-4);
        }
    }
}
