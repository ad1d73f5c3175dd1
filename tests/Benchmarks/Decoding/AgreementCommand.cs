using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Onnx;
using Cluster.Tokenization;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Benchmarks.Decoding;

/// <summary>
/// <c>agreement</c>: the same requests alone and in a full batch on a real session, half of them greedy, half sampled; and each continued
/// from a position in its middle. Where a greedy pair parts, the margin between the two best tokens says whether rounding did it. Memory
/// is read at each quarter.
/// </summary>
internal sealed class AgreementCommand(string folder, int requests, int slots)
{
    private const int TokensMax = 32;

    private readonly HuggingFaceTokenizer _tokenizer = HuggingFaceTokenizer.Load(folder);

    public static Command Create()
    {
        var folder = new Option<string>("--model") { DefaultValueFactory = _ => "cluster-config/models/cluster-extract-1",
            Description = "a model folder" };
        var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 10_000, Description = "requests of each kind of run" };
        var slots = new Option<int>("--slots") { DefaultValueFactory = _ => 8, Description = "sequences at once" };
        var command = new Command("agreement", "The same requests alone, in a batch and continued: equal tokens?") { folder, requests,
            slots };
        command.SetAction(parsed
            => new AgreementCommand(parsed.GetRequiredValue(folder), parsed.GetValue(requests), parsed.GetValue(slots)).Run());
        return command;
    }

    private void Run()
    {
        SequenceJournal[] journals = [.. Enumerable.Range(0, requests).Select(Journal)];
        var memory = new List<long>();
        ImmutableArray<int>[] batched = RunAll(journals, slots, memory), alone = RunAll(journals, 1, []);
        SequenceJournal[] halves = [.. journals.Select((journal, i)
            => journal with { Attempt = 1, EmittedTokens = batched[i][..(batched[i].Length / 2)] })];
        ImmutableArray<int>[] continued = RunAll(halves, slots, []);
        int differing = 0, unexplained = 0, broken = 0;
        double widest = 0;
        for (int i = 0; i < requests; i++)
        {
            if (!batched[i].AsSpan()[halves[i].EmittedTokens.Length..].SequenceEqual(continued[i].AsSpan())) broken++;
            int common = batched[i].AsSpan().CommonPrefixLength(alone[i].AsSpan());
            if (common == Math.Max(batched[i].Length, alone[i].Length)) continue;
            differing++;
            if (journals[i].Sampling.Temperature > 0) continue;
            double margin = Margin(journals[i], batched[i][..common]);
            widest = Math.Max(widest, margin);
            if (margin >= 1e-4) unexplained++;
        }
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            requests, slots, differing, equal = 1 - ((double)differing / requests), greedy_unexplained = unexplained,
                widest_greedy_margin = widest,
            continued_differing = broken, memory_mb = memory.Select(bytes => bytes >> 20),
        }));
    }

    private ImmutableArray<int>[] RunAll(SequenceJournal[] journals, int sequencesMax, List<long> memory)
    {
        using Engine engine = NewEngine(sequencesMax);
        var results = new ImmutableArray<int>[journals.Length];
        Array.Fill(results, []);
        int next = 0, done = 0;
        while (done < journals.Length)
        {
            while (next < journals.Length && next - done < 2 * sequencesMax) Submit(next++);
            engine.Step();
            if (memory.Count < done * 4 / journals.Length) memory.Add(Environment.WorkingSet);
        }
        return results;

        void Submit(int index) => engine.Submit(new SequenceSubmission
        {
            Journal = journals[index],
            Sink = delta =>
            {
                results[index] = results[index].AddRange(delta.Tokens);
                if (delta.Finish is not null) done++;
                if (delta.Error is { } error) throw new InvalidOperationException(error.Message);
            },
        });
    }

    private double Margin(SequenceJournal journal, ImmutableArray<int> common)
    {
        double margin = 0;
        using Engine engine = NewEngine(1);
        engine.Submit(new SequenceSubmission
        {
            Journal = journal with { EmittedTokens = common, TokensMax = common.Length + 1,
                Sampling = journal.Sampling with { TopLogprobs = 2 } },
            Sink = delta => margin = delta.Logprobs.IsDefaultOrEmpty ? margin
                : delta.Logprobs[0].Top[0].Value - delta.Logprobs[0].Top[1].Value,
        });
        while (engine.HasWork) engine.Step();
        return margin;
    }

    private Engine NewEngine(int sequencesMax)
    {
        var model = OnnxModel.Load(
            new OnnxModelOptions { Folder = folder, Id = "agreement", Slots = sequencesMax, ContextLength = 256, Threads = 1 });
        return new Engine(model, _tokenizer, new EngineOptions { WaitingMax = 100 }, TimeProvider.System, null,
            EngineDrive.ByHandWithMaskThread);
    }

    private SequenceJournal Journal(int number)
    {
        var random = new Random(number);
        int[] prompt = [.. Enumerable.Range(0, random.Next(4, 40)).Select(_ => random.Next(_tokenizer.Vocabulary.Size))];
        var sampling = new SamplingOptions { Temperature = number % 2, TopP = 0.95f, Seed = (ulong)number };
        return new SequenceJournal { RequestId = $"{number}", PromptTokens = [.. prompt], Sampling = sampling, TokensMax = TokensMax };
    }
}
