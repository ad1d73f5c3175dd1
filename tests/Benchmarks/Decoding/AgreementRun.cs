using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Decoding.Models;
using Cluster.Grammar;
using Cluster.Onnx;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Decoding;

/// <param name="Requests">Requests compared.</param>
/// <param name="Differing">Of them, those whose tokens alone and in a batch are not the same.</param>
/// <param name="Unexplained">Of the differing, those where no change of the logits below <see cref="AgreementRun.MarginMax"/> leads from one
/// choice to the other.</param>
/// <param name="Continuations">Journals handed to another engine in the middle.</param>
/// <param name="ContinuedDiffering">Of them, those that went on otherwise without an explanation.</param>
/// <param name="MemoryBytes">Mean working set of each quarter of the batched run.</param>
internal sealed record AgreementResult(int Requests, int Differing, int Unexplained, int Continuations, int ContinuedDiffering, double[] MemoryBytes)
{
    public double Equal => 1 - ((double)Differing / Requests);
}

/// <summary>
/// The same requests alone and in a full batch on a real session, and continued on another engine: greedy and sampled, free and under a
/// schema. Sums of floats depend on the shape of a product, so two kernels round differently; where a pair parts, the choice is made again
/// from logits changed at random by less than the margin, and must fall on both sides.
/// </summary>
/// <param name="folder">A model folder.</param>
/// <param name="slots">Sequences at once in the batched run.</param>
internal sealed class AgreementRun(string folder, ITokenizer tokenizer, int slots)
{
    public const float MarginMax = 1e-4f;

    private const int TokensMax = 32;
    private const int ContextLength = 256;
    private const int Perturbations = 400;
    private const string Schema =
        """{"type":"object","properties":{"id":{"type":"integer"},"ok":{"type":"boolean"}},"required":["id","ok"],"additionalProperties":false}""";

    private readonly CompiledGrammar _grammar =
        GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Schema, new GrammarOptions())).Grammar!;

    /// <param name="requests">Compared alone and in a batch.</param>
    /// <param name="everyPosition">So many of them are continued from every position, the others from their middle.</param>
    public AgreementResult Run(int requests, int everyPosition)
    {
        SequenceJournal[] journals = [.. Enumerable.Range(0, requests).Select(Journal)];
        var memory = new List<double>();
        ImmutableArray<int>[] batched = RunAll(journals, slots, memory), alone = RunAll(journals, 1, []);
        var (journal, parent) = Continuations(journals, batched, everyPosition);
        ImmutableArray<int>[] continued = RunAll(journal, slots, []);

        int differing = 0, unexplained = 0, broken = 0;
        for (int i = 0; i < requests; i++)
        {
            if (batched[i].AsSpan().SequenceEqual(alone[i].AsSpan())) continue;
            differing++;
            if (!IsRounding(journals[i], batched[i], alone[i])) unexplained++;
        }
        for (int i = 0; i < continued.Length; i++)
        {
            ImmutableArray<int> whole = [.. journal[i].EmittedTokens, .. continued[i]];
            if (!whole.AsSpan().SequenceEqual(batched[parent[i]].AsSpan()) && !IsRounding(journals[parent[i]], batched[parent[i]], whole)) broken++;
        }
        return new AgreementResult(requests, differing, unexplained, continued.Length, broken, Quarters(memory));
    }

    private static (SequenceJournal[] Journals, int[] Parents) Continuations(
        SequenceJournal[] journals, ImmutableArray<int>[] outputs, int everyPosition)
    {
        var continuations = new List<SequenceJournal>();
        var parents = new List<int>();
        for (int i = 0; i < journals.Length; i++)
        {
            int[] positions = i < everyPosition ? [.. Enumerable.Range(0, outputs[i].Length + 1)] : [outputs[i].Length / 2];
            foreach (int position in positions)
            {
                continuations.Add(journals[i] with { Attempt = 1, EmittedTokens = outputs[i][..position] });
                parents.Add(i);
            }
        }
        return ([.. continuations], [.. parents]);
    }

    private ImmutableArray<int>[] RunAll(SequenceJournal[] journals, int sequencesMax, List<double> memory)
    {
        using var engine = new Engine(Load(sequencesMax), tokenizer, new EngineOptions { WaitingMax = 100 }, TimeProvider.System, null,
            EngineDrive.ByHandWithMaskThread);
        var results = new ImmutableArray<int>[journals.Length];
        Array.Fill(results, []);
        int next = 0, done = 0;
        while (done < journals.Length)
        {
            while (next < journals.Length && next - done < 2 * sequencesMax) Submit(next++);
            int before = done;
            engine.Step();
            if (done / 50 > before / 50) memory.Add(Environment.WorkingSet);
        }
        return results;

        void Submit(int index)
        {
            AdmissionOutcome outcome = engine.Submit(new SequenceSubmission
            {
                Journal = journals[index],
                Grammar = journals[index].Grammar is null ? null : _grammar,
                Sink = delta =>
                {
                    results[index] = results[index].AddRange(delta.Tokens);
                    if (delta.Finish is not null) done++;
                    if (delta.Error is { } error) throw new InvalidOperationException(error.Message);
                },
            });
            if (outcome is not (AdmissionOutcome.Admitted or AdmissionOutcome.Deferred)) throw new InvalidOperationException($"refused: {outcome}");
        }
    }

    /// <summary>Whether both outputs' next tokens after their common beginning can come from logits that differ by less than the
    /// margin.</summary>
    private bool IsRounding(SequenceJournal journal, ImmutableArray<int> left, ImmutableArray<int> right)
    {
        int common = left.AsSpan().CommonPrefixLength(right.AsSpan());
        float[] logits = LogitsAfter([.. journal.PromptTokens, .. left[..common]]);
        int vocabularySize = tokenizer.Vocabulary.Size;
        var sampler = new Sampler(vocabularySize);
        GrammarMatcher? matcher = journal.Grammar is null ? null : GrammarMatcher.Start(_grammar, tokenizer.Vocabulary);
        for (int i = 0; i < common && matcher is { } current; i++) matcher = current.TryAdvance(left[i], out GrammarMatcher next) ? next : null;
        var random = new Random(1);
        var seen = new HashSet<int>();
        var changed = new float[vocabularySize];
        for (int i = 0; i < Perturbations; i++)
        {
            for (int id = 0; id < vocabularySize; id++) changed[id] = logits[id] + (MarginMax * ((2 * random.NextSingle()) - 1));
            seen.Add(sampler.Sample(changed, new SamplingRequest
            {
                Options = journal.Sampling, Mask = matcher?.GetMask(journal.TokensMax - common), Choice = journal.Choice, Position = common,
            }).Token);
        }
        return Contains(left) && Contains(right);

        bool Contains(ImmutableArray<int> output)
            => common < output.Length ? seen.Contains(output[common]) : seen.Overlaps(tokenizer.Vocabulary.EndIds);
    }

    private float[] LogitsAfter(int[] tokens)
    {
        using IModel model = Load(1);
        var batch = new ModelBatch(1, tokens.Length);
        int row = batch.AddChunk(0, 0, tokens, LogitsWanted.Last);
        model.Execute(batch);
        return model.Logits(row, tokens.Length - 1).ToArray();
    }

    private IModel Load(int sequencesMax) => OnnxModel.Load(new OnnxModelOptions
    {
        Folder = folder, Id = "agreement", Slots = sequencesMax, ContextLength = ContextLength, Threads = 1,
    });

    private SequenceJournal Journal(int number)
    {
        var random = new Random(number);
        int[] prompt = [.. Enumerable.Range(0, random.Next(4, 40)).Select(_ => random.Next(tokenizer.Vocabulary.Size))];
        return new SequenceJournal
        {
            RequestId = $"{number}",
            PromptTokens = [.. prompt],
            Sampling = new SamplingOptions { Temperature = number % 2, TopP = 0.95f, Seed = (ulong)number },
            Grammar = number % 4 < 2 ? null : new GrammarSpec(GrammarKind.JsonSchema, Schema, new GrammarOptions()),
            TokensMax = TokensMax,
        };
    }

    private static double[] Quarters(List<double> samples)
        => samples.Count < 4 ? [] : [.. samples.Chunk((samples.Count + 3) / 4).Select(quarter => quarter.Average())];
}
