using System.Diagnostics;
using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Walk;

/// <summary>Walks the instances of one case through the masks and times every step.</summary>
internal sealed class CaseWalker(Vocabulary vocabulary, GrammarOptions options, bool isWarm)
{
    public WalkResult Walk(WalkCase walkCase)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        string schema = walkCase.Schema.GetRawText();

        long start = Stopwatch.GetTimestamp();
        var compiled = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, options));
        var matcher = compiled.Grammar is { } grammar ? GrammarMatcher.Start(grammar, vocabulary) : default;
        double compileUs = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        if (compiled.Grammar is null)
        {
            string reasons = string.Join("; ", compiled.Rejections.Select(it => $"{it.Kind} {it.Keyword} {it.JsonPointer}: {it.Message}"));
            return new WalkResult { Id = walkCase.Id, Subset = walkCase.Subset, Status = "compile_error", Error = reasons, CompileUs = compileUs };
        }
        matcher.GetMask();
        double firstMaskUs = Stopwatch.GetElapsedTime(start).TotalMicroseconds;

        var tests = new InstanceResult[walkCase.Tests.Length];
        for (int i = 0; i < tests.Length; i++)
        {
            if (isWarm) Walk(matcher, walkCase.Tests[i]);
            tests[i] = Walk(matcher, walkCase.Tests[i]);
        }
        return new WalkResult
        {
            Id = walkCase.Id,
            Subset = walkCase.Subset,
            Status = "ok",
            CompileUs = compileUs,
            FirstMaskUs = firstMaskUs,
            Tests = tests,
            CpuUs = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds,
        };
    }

    private InstanceResult Walk(GrammarMatcher matcher, WalkInstance instance)
    {
        int count = instance.Tokens.Length;
        var maskTicks = new long[count + 1];
        var acceptTicks = new long[count + 1];
        int stop = -1, narrowed = 0, steps = 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        int collections = GC.CollectionCount(0);
        for (; steps <= count; steps++)
        {
            bool isEnd = steps == count;
            long start = Stopwatch.GetTimestamp();
            var mask = matcher.GetMask();
            long masked = Stopwatch.GetTimestamp();
            maskTicks[steps] = masked - start;
            if (mask.IsNarrowed) narrowed++;
            int token = isEnd ? vocabulary.EndIds[0] : instance.Tokens[steps];
            if (!mask.Allows(token))
            {
                stop = steps++;
                break;
            }
            if (isEnd) continue;
            start = Stopwatch.GetTimestamp();
            bool isTaken = matcher.TryAdvance(token, out var next);
            acceptTicks[steps] = Stopwatch.GetTimestamp() - start;
            if (!isTaken) throw new InvalidOperationException($"Step {steps}: the mask allows token {token} and TryAdvance refuses it.");
            matcher = next;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new InstanceResult
        {
            IsValid = instance.IsValid,
            IsAccepted = stop < 0,
            Stop = stop,
            Count = count,
            MaskUs = Microseconds(maskTicks, steps),
            AcceptUs = Microseconds(acceptTicks, steps),
            Narrowed = narrowed,
            Allocated = allocated,
            Collections = GC.CollectionCount(0) - collections,
        };
    }

    private static double[] Microseconds(long[] ticks, int count)
        => [.. ticks.Take(Math.Min(count, ticks.Length)).Select(it => Math.Round(it * 1e6 / Stopwatch.Frequency, 3))];
}
