using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Grammar.Masks;

namespace Cluster.Benchmarks.Decoding;

/// <summary><c>sampler</c>: microseconds to choose one token of a vocabulary of Qwen2.5's size, for logits as trained models have them
/// (peaked) and as random weights give them (flat).</summary>
internal static class SamplerCommand
{
    private const int VocabularySize = 151_936;

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 40, Description = "Choices per case, in each of 25 turns; the best turn counts" };
        var command = new Command("sampler", "Time to choose one token") { rounds };
        command.SetAction(parsed => Run(parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(int rounds)
    {
        float[] flat = Logits(spread: 1), peaked = Logits(spread: 3);
        peaked[4711] += 12;
        TokenMask wide = Bits(id => id % 97 != 0), narrow = Bits(id => id % 20 == 0), list = TokenMask.FromIds([5, 60, 700, 8000, 90_000]);
        var greedy = new SamplingOptions { Temperature = 0 };
        var plain = new SamplingOptions();
        var nucleus = new SamplingOptions { TopP = 0.95f };
        var ranked = new SamplingOptions { TopP = 0.95f, TopK = 40 };
        foreach (var options in new[] { greedy, plain, nucleus, ranked })
        {
            Time(60, flat, options, null);
            Time(60, flat, options, wide);
        }
        Thread.Sleep(500);
        var results = new Dictionary<string, double>();
        foreach (var (name, logits) in new[] { ("flat", flat), ("peaked", peaked) })
        {
            results[$"greedy_{name}_us"] = Time(rounds, logits, greedy, null);
            results[$"plain_{name}_us"] = Time(rounds, logits, plain, null);
            results[$"top_p_{name}_us"] = Time(rounds, logits, nucleus, null);
            results[$"top_k_{name}_us"] = Time(rounds, logits, ranked, null);
            results[$"top_p_wide_mask_{name}_us"] = Time(rounds, logits, nucleus, wide);
            results[$"top_p_narrow_mask_{name}_us"] = Time(rounds, logits, nucleus, narrow);
            results[$"top_p_list_{name}_us"] = Time(rounds, logits, nucleus, list);
            results[$"greedy_wide_mask_{name}_us"] = Time(rounds, logits, greedy, wide);
            results[$"logprobs_{name}_us"] = Time(rounds, logits, greedy with { TopLogprobs = 20 }, null);
        }
        foreach (var (name, microseconds) in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-30}{microseconds,10:F1}"));
        }
        Console.WriteLine(JsonSerializer.Serialize(results.ToDictionary(one => one.Key, one => Math.Round(one.Value, 1))));
    }

    private static double Time(int rounds, float[] logits, SamplingOptions options, TokenMask? mask)
    {
        var sampler = new Sampler(VocabularySize);
        double best = double.MaxValue;
        for (int repeat = 0; repeat < 25; repeat++)
        {
            long started = Stopwatch.GetTimestamp();
            for (int position = 0; position < rounds; position++)
            {
                sampler.Sample(logits, new SamplingRequest { Options = options, Mask = mask, Position = position });
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMicroseconds / rounds);
        }
        return best;
    }

    private static float[] Logits(double spread)
    {
        var random = new Random(1);
        float[] logits = new float[VocabularySize];
        for (int id = 0; id < logits.Length; id++)
        {
            logits[id] = (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return logits;
    }

    private static TokenMask Bits(Func<int, bool> allows)
    {
        ulong[] bits = new ulong[(VocabularySize + 63) / 64];
        for (int id = 0; id < VocabularySize; id++) if (allows(id)) bits[id >> 6] |= 1UL << (id & 63);
        return TokenMask.FromBits(bits);
    }
}
