using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Tokenization;

namespace Cluster.OpenAI.Tests.Support;

/// <summary>A replica that says what it is told to, a token at a time; under a constraint only what that allows.</summary>
public sealed class SayingReplica(string modelId, int number, ITokenizer tokenizer, ISchemaCompiler compiler) : IReplica
{
    public string Id => $"{modelId}/{number}";

    public string ModelId => modelId;

    public ReplicaSnapshot Snapshot => new() { Id = Id, ModelId = modelId, Health = ReplicaHealth.Ready, SlotsMax = SlotsMax, Fingerprint = "test" };

    public int SlotsMax { get; set; } = 4096;

    /// <summary>The answer to a journal.</summary>
    public Func<SequenceJournal, string> Says { get; set; } = _ => "Hello!";

    /// <summary>Precedes the answer where the prompt has opened the model's thoughts.</summary>
    public string OpenThoughts { get; set; } = "Hm.\n</think>\n\n";

    /// <summary>Before each token.</summary>
    public Func<CancellationToken, Task> BeforeToken { get; set; } = _ => Task.CompletedTask;

    /// <summary>Prompts as the model got them.</summary>
    public List<string> Prompts { get; } = [];

    /// <summary>Sequences that were left before their end.</summary>
    public int Abandoned;

    /// <summary>Sequences that run now.</summary>
    public int Running;

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string prompt = tokenizer.Decode(journal.PromptTokens.AsSpan());
        lock (Prompts) Prompts.Add(prompt);
        string answer = (prompt.TrimEnd().EndsWith("<think>", StringComparison.Ordinal) ? OpenThoughts : "") + Says(journal);
        Interlocked.Increment(ref Running);
        bool isDone = false;
        try
        {
            GrammarMatcher? matcher = journal.Grammar is { } spec
                ? GrammarMatcher.Start((await compiler.CompileAsync(spec, journal.GrammarBestEffort, cancellationToken)).Grammar!, tokenizer.Vocabulary)
                : null;
            int position = 0;
            foreach (int token in tokenizer.Encode(answer, parseSpecial: true).Take(journal.TokensMax))
            {
                await BeforeToken(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                if (matcher is { } current)
                {
                    if (!current.TryAdvance(token, out GrammarMatcher next)) throw new InvalidOperationException($"the constraint does not allow token {position} of the answer: {tokenizer.Decode([token])}");
                    matcher = next;
                }
                yield return Delta(journal, position++) with
                {
                    Tokens = [token], Logprobs = journal.Sampling.TopLogprobs is null ? [] : [new TokenLogprob(token, -0.5f, [new(token, -0.5f)])],
                    Constraint = matcher is null ? null : new ConstraintWork(0, TimeSpan.FromMicroseconds(10), 1, 0.25, 0.25),
                };
            }
            if (matcher is { IsComplete: false }) throw new InvalidOperationException("the answer is not complete");
            isDone = true;
            yield return Delta(journal, position) with { Finish = position == journal.TokensMax ? FinishReason.Length : FinishReason.Stop };
        }
        finally
        {
            Interlocked.Decrement(ref Running);
            if (!isDone) Interlocked.Increment(ref Abandoned);
        }
    }

    private static SequenceDelta Delta(SequenceJournal journal, int position)
        => new() { RequestId = journal.RequestId, Choice = journal.Choice, Attempt = journal.Attempt, Position = position };
}
