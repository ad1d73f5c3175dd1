using System.Collections.Immutable;
using System.Text;
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
public sealed class Undisturbed(HostReplicas model)
{
    /// <summary>Change of the logits, or of the mass at the nucleus' border, up to which a difference is explained.</summary>
    private const double MarginMax = 1e-4;

    /// <summary>Longest token that is looked for before the first different character.</summary>
    private const int TokenCharactersMax = 32;

    private readonly LocalSchemaCompiler _compiler = new(new GrammarCache(new GrammarCacheOptions()));

    public async Task<Comparison> CompareAsync(IReadOnlyList<HttpStream> streams)
    {
        LocalReplica replica = await model.OpenUndisturbedAsync();
        await using var cluster = new LocalCluster([replica]);
        var pipeline = new RequestPipeline(
            new ModelCatalogue([model.Served]), _compiler, new ReplicaRouter(cluster, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)),
            new DocumentCheck(new DocumentCheckOptions()), new ResumePacing(new ResumeOptions(), TimeProvider.System), TimeProvider.System, new Nobody());
        int equal = 0, explained = 0;
        double marginMax = 0;
        foreach (HttpStream[] batch in streams.Chunk(32))
        {
            foreach (var (stream, isEqual, margin) in await Task.WhenAll(batch.Select(stream => CompareOneAsync(pipeline, replica, stream))))
            {
                if (isEqual) equal++;
                else if (margin <= MarginMax) explained++;
                marginMax = Math.Max(marginMax, margin);
                if (!isEqual) Console.WriteLine($"differs: stream {stream.Number} ({stream.RequestId}), margin {margin:G3}");
            }
        }
        return new Comparison(equal, explained, marginMax);
    }

    private async Task<(HttpStream Stream, bool IsEqual, double Margin)> CompareOneAsync(RequestPipeline pipeline, LocalReplica replica, HttpStream stream)
    {
        ChatCompletionRequest request = ChatCompletionRequestReader.Read(new RequestObject(ChatBodies.Parse(stream.Body), ""), new GrammarOptions(), new OpenAIOptions());
        GenerationRequest generation = new ChatCompletionFormat(request).ToGeneration($"undisturbed-{stream.Number}", RequestOwner.Nobody, model.Served);
        PreparedGeneration prepared = (await pipeline.PrepareAsync(generation, CancellationToken.None)).Prepared!;
        double margin = 0;
        bool isEqual = true;
        for (int choice = 0; choice < generation.Choices; choice++)
        {
            SequenceJournal journal = prepared.JournalOf(choice);
            ImmutableArray<int> tokens = await TokensAsync(replica, journal);
            int[] ends = EndsOf(tokens, out string expected);
            string actual = stream.Texts[choice];
            if (expected == actual) continue;
            isEqual = false;
            margin = Math.Max(margin, await MarginAsync(replica, journal, tokens, ends, actual, expected.AsSpan().CommonPrefixLength(actual)));
        }
        return (stream, isEqual, margin);
    }

    private static async Task<ImmutableArray<int>> TokensAsync(LocalReplica replica, SequenceJournal journal)
    {
        var tokens = ImmutableArray.CreateBuilder<int>();
        await foreach (SequenceDelta delta in replica.GenerateAsync(journal, CancellationToken.None)) tokens.AddRange(delta.Tokens);
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
    private async Task<double> MarginAsync(LocalReplica replica, SequenceJournal journal, ImmutableArray<int> tokens, int[] ends, string actual, int common)
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
            var draws = new BorderDistance(await DistributionAsync(replica, there), journal, position);
            for (int token = 0; token < vocabulary.Size; token++)
            {
                ReadOnlySpan<byte> bytes = vocabulary.BytesOf(token);
                if (token != tokens[position] && bytes.Length > 0 && rest.AsSpan().StartsWith(bytes)) margin = Math.Min(margin, draws.Between(tokens[position], token));
            }
        }
        return margin;
    }

    private static async Task<ImmutableArray<KeyValuePair<int, float>>> DistributionAsync(LocalReplica replica, SequenceJournal journal)
    {
        await foreach (SequenceDelta delta in replica.GenerateAsync(journal, CancellationToken.None))
        {
            if (!delta.Logprobs.IsEmpty) return delta.Logprobs[0].Top;
        }
        return [];
    }

    private sealed class Nobody : IResumeObserver
    {
        public void OnHandedOver(in HandOver handOver) { }

        public void OnRetryDelayed(TimeSpan delay) { }

        public void OnPoisonRefused(string requestId, int choice) { }
    }
}
