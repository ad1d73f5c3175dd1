using System.Collections.Concurrent;
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
                    done.TrySetException(new InvalidOperationException(error.Message));
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
