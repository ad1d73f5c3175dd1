namespace Cluster.Benchmarks.Walk;

/// <summary>The table at the end of a walk. The times are those of valid instances, as in the report beside the case files.</summary>
internal static class WalkSummary
{
    public static void Print(IReadOnlyList<WalkResult> results, IReadOnlyList<double> vocabularyMs, VocabularyTrie trie)
    {
        var ok = results.Where(result => result.Status == "ok").ToList();
        var tests = ok.SelectMany(result => result.Tests).ToList();
        var steps = tests.Where(test => test.IsValid).SelectMany(test => test.MaskUs.Zip(test.AcceptUs, (mask, accept) => mask + accept)).Order().ToArray();
        var compile = ok.Select(result => result.CompileUs / 1000).Order().ToArray();
        var first = ok.Select(result => result.FirstMaskUs / 1000).Order().ToArray();
        int passing = ok.Count(result => result.Tests.All(test => test.IsAccepted == test.IsValid));
        double walked = tests.Sum(test => (double)test.MaskUs.Length);

        Row("schemas", $"{results.Count}");
        Row("compiled", $"{ok.Count} ({100.0 * ok.Count / results.Count:f1} %)");
        Row("passing, of all", $"{passing} ({100.0 * passing / results.Count:f1} %)");
        Row("compile error / timeout / crash", string.Join(" / ", ((string[])["compile_error", "timeout", "crash"]).Select(status => results.Count(it => it.Status == status))));
        Row("valid instances refused", $"{tests.Count(test => test.IsValid && !test.IsAccepted)}");
        Row("invalid instances accepted", $"{tests.Count(test => !test.IsValid && test.IsAccepted)}");
        Row("compile ms p50 / p95 / max", Quantiles(compile, 0.5, 0.95, 1));
        Row("compile + first mask ms p50 / p95 / max", Quantiles(first, 0.5, 0.95, 1));
        Row("steps (valid instances)", $"{steps.Length}");
        Row("step us mean", $"{steps.DefaultIfEmpty().Average():f2}");
        Row("step us p50 / p90 / p99 / p99.9 / max", Quantiles(steps, 0.5, 0.9, 0.99, 0.999, 1));
        Row("process CPU us per step, compiles included", $"{ok.Sum(result => result.CpuUs) / Math.Max(1, walked):f2}");
        Row("bytes allocated per step", $"{tests.Sum(test => test.Allocated) / Math.Max(1, walked):f1}");
        Row("garbage collections during steps", $"{tests.Sum(test => test.Collections)}");
        Row("narrowed steps", $"{tests.Sum(test => test.Narrowed)}");
        Row("vocabulary set-up ms", string.Join(" / ", vocabularyMs.Select(it => $"{it:f0}")));
        Row($"yardstick us: bare trie of {trie.Nodes} nodes, walked once", $"{trie.MeasureUs():f0}");
    }

    private static void Row(string name, string value) => Console.WriteLine($"| {name} | {value} |");

    private static string Quantiles(double[] sorted, params double[] shares)
        => string.Join(" / ", shares.Select(share => sorted.Length == 0 ? "-" : $"{sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))]:f3}"));
}
