using System.CommandLine;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Benchmarks.Suite;

/// <summary><c>suite</c>: JSON-Schema-Test-Suite through the masks of a vocabulary of bytes.</summary>
internal static class SuiteCommand
{
    public static Command Create()
    {
        var directory = new Option<string>("--dir") { Required = true, Description = "folder of JSON-Schema-Test-Suite" };
        var draft = new Option<string>("--draft") { DefaultValueFactory = _ => "draft2020-12" };
        var details = new Option<bool>("--details") { Description = "name every group that is not right" };
        var command = new Command("suite", "The published suite: groups right, refused and wrong, file by file.") { directory, draft, details };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(directory), parsed.GetRequiredValue(draft), parsed.GetValue(details)));
        return command;
    }

    private static int Run(string suite, string draft, bool hasDetails)
    {
        var options = new GrammarOptions { Order = PropertyOrder.Any, Spelling = Spelling.Any, Whitespace = Whitespace.Bounded };
        var remotes = SchemaSuite.Remotes(suite);
        bool isRight = RunPart("required", suite, draft, "", options with { Format = FormatMode.Annotation }, remotes, hasDetails);
        isRight &= RunPart("optional", suite, draft, "optional", options with { Format = FormatMode.Annotation }, remotes, hasDetails);
        isRight &= RunPart("optional/format", suite, draft, "optional/format", options with { Format = FormatMode.Assert }, remotes, hasDetails);
        return isRight ? 0 : 1;
    }

    private static bool RunPart(
        string name, string suite, string draft, string part, GrammarOptions options, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> remotes, bool hasDetails)
    {
        Console.WriteLine($"\n## {draft}, {name}\n\n| file | groups | right | refused | wrong | invalid accepted | valid refused |\n|:--|--:|--:|--:|--:|--:|--:|");
        var runner = new SuiteRunner(options, remotes);
        var all = new List<SuiteVerdict>();
        foreach (var file in SchemaSuite.Read(Path.Combine(suite, "tests", draft, part)).GroupBy(group => group.File))
        {
            var verdicts = file.Select(group => runner.Run(group, draft)).ToList();
            PrintRow(file.Key, verdicts);
            all.AddRange(verdicts);
        }
        PrintRow("all", all);
        Console.WriteLine($"\n{100.0 * all.Count(it => it.Kind == VerdictKind.Right) / Math.Max(1, all.Count):f1} % of the groups are right.");
        if (hasDetails)
        {
            foreach (var verdict in all.Where(it => it.Kind != VerdictKind.Right)) Console.WriteLine($"- {verdict.Kind}: {verdict.Group}: {verdict.Detail}");
        }
        return all.TrueForAll(it => it.Kind != VerdictKind.Wrong);
    }

    private static void PrintRow(string name, IReadOnlyList<SuiteVerdict> verdicts)
    {
        int Count(VerdictKind kind) => verdicts.Count(it => it.Kind == kind);
        Console.WriteLine($"| {name} | {verdicts.Count} | {Count(VerdictKind.Right)} | {Count(VerdictKind.Refused)} | {Count(VerdictKind.Wrong)} "
            + $"| {verdicts.Sum(it => it.InvalidAccepted)} | {verdicts.Sum(it => it.ValidRefused)} |");
    }
}
