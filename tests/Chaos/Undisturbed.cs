using System.Collections.Immutable;
using System.Text;
using Cluster.Chaos.Measures;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.OpenAI;
using Cluster.OpenAI.Requests;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;
using Cluster.Tokenization;

namespace Cluster.Chaos;

/// <summary>The same requests on a replica in this process that nothing disturbs; and for one that differs, how narrow the first different decision was.</summary>
/// <remarks>
/// A continued stream was computed in other batches (a prompt pass instead of single steps), so its logits differ in their last bits. Where two tokens
/// arrive within that difference of each other, or one lies on the nucleus' border, either can be drawn; anything else that differs is a fault.
/// </remarks>
/// <param name="limit">Longest that one stream's comparison may take.</param>
public sealed class Undisturbed(HostReplicas model, TimeSpan limit)
{
    /// <summary>Change of the logits, or of the mass at the nucleus' border, up to which a difference is explained.</summary>
    private const double MarginMax = 1e-4;

    /// <summary>Each lane holds the weights once more.</summary>
    private const int LanesMax = 4;

    /// <summary>Longest token that is looked for before the first different character.</summary>
    private const int TokenCharactersMax = 32;

    private readonly LocalSchemaCompiler _compiler = new(new GrammarCache(new GrammarCacheOptions()));

    /// <summary>On as many replicas as there are cores, side by side.</summary>
    public async Task<Comparison> CompareAsync(IReadOnlyList<HttpStream> streams)
    {
        int lanes = Math.Clamp(Environment.ProcessorCount, 1, LanesMax);
        Comparison[] compared = await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => CompareLaneAsync([.. streams.Where((_, n) => n % lanes == lane)])));
        return new Comparison(compared.Sum(one => one.Equal), compared.Sum(one => one.Explained), compared.Sum(one => one.Unfinished), compared.Max(one => one.MarginMax));
    }

    private async Task<Comparison> CompareLaneAsync(IReadOnlyList<HttpStream> streams)
    {
        LocalReplica replica = await model.OpenUndisturbedAsync();
        await using var cluster = new LocalCluster([replica]);
        RequestPipeline pipeline = PipelineOver(cluster);
        int equal = 0, explained = 0, unfinished = 0;
        double marginMax = 0;
        foreach (HttpStream[] batch in streams.Chunk(32))
        {
            foreach (var (progress, isEqual, margin) in await Task.WhenAll(batch.Select(stream => CompareInTimeAsync(pipeline, replica, new Progress(stream)))))
            {
                if (isEqual is null)
                {
                    unfinished++;
                    Console.WriteLine($"not compared within {limit.TotalSeconds} s: {progress}; {replica.Engine.Snapshot}");
                    continue;
                }
                if (isEqual.Value) equal++;
                else if (margin <= MarginMax) explained++;
                marginMax = Math.Max(marginMax, margin);
                if (!isEqual.Value) Console.WriteLine($"differs: {progress}, margin {margin:G3}");
            }
        }
        return new Comparison(equal, explained, unfinished, marginMax);
    }

    /// <summary>Of each request, the texts that its choices have here.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<string>>> TextsAsync(IReadOnlyList<HttpStream> requests)
    {
        LocalReplica replica = await model.OpenUndisturbedAsync();
        await using var cluster = new LocalCluster([replica]);
        RequestPipeline pipeline = PipelineOver(cluster);
        var all = new List<IReadOnlyList<string>>();
        foreach (HttpStream[] batch in requests.Chunk(48)) all.AddRange(await Task.WhenAll(batch.Select(OneAsync)));
        return all;

        async Task<IReadOnlyList<string>> OneAsync(HttpStream request)
        {
            PreparedGeneration prepared = await PrepareAsync(pipeline, request, CancellationToken.None);
            string[] texts = new string[prepared.Request.Choices];
            for (int choice = 0; choice < texts.Length; choice++)
                EndsOf(await TokensAsync(replica, prepared.JournalOf(choice), new Progress(request), CancellationToken.None), out texts[choice]);
            return texts;
        }
    }

    private RequestPipeline PipelineOver(LocalCluster cluster) => new(
        new ModelCatalogue([model.Served]), _compiler, new ReplicaRouter(cluster, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)),
        new DocumentCheck(new DocumentCheckOptions()), new ResumePacing(new ResumeOptions(), TimeProvider.System), TimeProvider.System, new Nobody());

    private async Task<PreparedGeneration> PrepareAsync(RequestPipeline pipeline, HttpStream stream, CancellationToken leaving)
    {
        ChatCompletionRequest request = ChatCompletionRequestReader.Read(new RequestObject(ChatBodies.Parse(stream.Body), ""), new GrammarOptions(), new OpenAIOptions());
        GenerationRequest generation = new ChatCompletionFormat(request).ToGeneration($"undisturbed-{stream.Number}", RequestOwner.Nobody, model.Served);
        return (await pipeline.PrepareAsync(generation, leaving)).Prepared!;
    }

    /// <summary>How far a stream's comparison is; said where it does not end.</summary>
    private sealed class Progress(HttpStream stream)
    {
        private volatile string _stage = "preparing";
        private volatile int _deltas;

        public HttpStream Stream => stream;

        public void Begin(string stage) => (_stage, _deltas) = (stage, 0);

        public void Received() => _deltas++;

        public override string ToString() => $"stream {stream.Number} ({stream.RequestId}), {_stage}, {_deltas} deltas";
    }

    private async Task<(Progress Progress, bool? IsEqual, double Margin)> CompareInTimeAsync(RequestPipeline pipeline, LocalReplica replica, Progress progress)
    {
        using var leaving = new CancellationTokenSource(limit);
        try
        {
            (bool isEqual, double margin) = await Task.Run(() => CompareOneAsync(pipeline, replica, progress, leaving.Token)).WaitAsync(leaving.Token);
            return (progress, isEqual, margin);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            return (progress, null, 0);
        }
    }

    private async Task<(bool IsEqual, double Margin)> CompareOneAsync(RequestPipeline pipeline, LocalReplica replica, Progress progress, CancellationToken leaving)
    {
        HttpStream stream = progress.Stream;
        PreparedGeneration prepared = await PrepareAsync(pipeline, stream, leaving);
        double margin = 0;
        bool isEqual = true;
        for (int choice = 0; choice < prepared.Request.Choices; choice++)
        {
            SequenceJournal journal = prepared.JournalOf(choice);
            progress.Begin($"tokens of choice {choice}");
            ImmutableArray<int> tokens = await TokensAsync(replica, journal, progress, leaving);
            int[] ends = EndsOf(tokens, out string expected);
            string actual = stream.Texts[choice];
            if (expected == actual) continue;
            isEqual = false;
            margin = Math.Max(margin, await MarginAsync(replica, journal, tokens, ends, actual, expected.AsSpan().CommonPrefixLength(actual), progress, leaving));
        }
        return (isEqual, margin);
    }

    private static async Task<ImmutableArray<int>> TokensAsync(LocalReplica replica, SequenceJournal journal, Progress progress, CancellationToken leaving)
    {
        var tokens = ImmutableArray.CreateBuilder<int>();
        await foreach (SequenceDelta delta in replica.GenerateAsync(journal, leaving))
        {
            progress.Received();
            tokens.AddRange(delta.Tokens);
        }
        return tokens.ToImmutable();
    }

    /// <summary>For each token, how many characters had been given out when it was in; whole characters only, as an edge gives them out.</summary>
    private int[] EndsOf(ImmutableArray<int> tokens, out string text)
    {
        var detokenizer = new StreamingDetokenizer(model.Served.Tokenizer);
        var all = new StringBuilder();
        int[] ends = [.. tokens.Select(token => all.Append(detokenizer.Push(token)).Length)];
        text = all.Append(detokenizer.Flush()).ToString();
        return ends;
    }

    /// <summary>How little the logits would have had to differ for a token of the other text to be chosen where they part.</summary>
    /// <remarks>The text alone does not tell which token parted them: one may have been chosen that begins like the expected ones. So each position
    /// within a token's length before the first different character is looked at, and each token that the other text goes on with there.</remarks>
    private async Task<double> MarginAsync(
        LocalReplica replica, SequenceJournal journal, ImmutableArray<int> tokens, int[] ends, string actual, int common, Progress progress, CancellationToken leaving)
    {
        Vocabulary vocabulary = model.Served.Tokenizer.Vocabulary;
        double margin = 1;
        for (int position = 0; position < tokens.Length; position++)
        {
            int offset = position == 0 ? 0 : ends[position - 1];
            if (offset > common) break;
            if (offset + TokenCharactersMax < common) continue;
            byte[] rest = Encoding.UTF8.GetBytes(actual[offset..]);
            SequenceJournal there = journal with
            {
                Attempt = position + 1, EmittedTokens = tokens[..position], Sampling = journal.Sampling with { TopLogprobs = vocabulary.Size },
            };
            progress.Begin($"choice {journal.Choice} parts after {common} characters, distribution at position {position} of {tokens.Length}");
            var draws = new BorderDistance(await DistributionAsync(replica, there, progress, leaving), journal, position);
            for (int token = 0; token < vocabulary.Size; token++)
            {
                ReadOnlySpan<byte> bytes = vocabulary.BytesOf(token);
                if (token != tokens[position] && bytes.Length > 0 && rest.AsSpan().StartsWith(bytes)) margin = Math.Min(margin, draws.Between(tokens[position], token));
            }
        }
        return margin;
    }

    private static async Task<ImmutableArray<KeyValuePair<int, float>>> DistributionAsync(
        LocalReplica replica, SequenceJournal journal, Progress progress, CancellationToken leaving)
    {
        await foreach (SequenceDelta delta in replica.GenerateAsync(journal, leaving))
        {
            progress.Received();
            if (!delta.Logprobs.IsEmpty) return delta.Logprobs[0].Top;
        }
        return [];
    }
}
