using System.Text.Json;
using Cluster.Grammar.Tests.Oracle;

namespace Cluster.Grammar.Tests.Kinds;

/// <summary>Sources made to hurt that are no schemas: each is answered soon, by a typed rejection or by a grammar whose first mask works.</summary>
[Collection(nameof(HostileTests))]
public sealed class HostileKindTests
{
    [Fact]
    public void Compile_HostileSources_AnswerSoon()
    {
        var slow = new List<string>();
        foreach ((string name, GrammarKind kind, string text) in All())
        {
            string answer = "";
            TimeSpan best = AnswerTime.Best(() => answer = Answer(kind, text));
            if (best > AnswerTime.Limit) slow.Add($"{name}: {best.TotalMilliseconds:F0} ms ({answer})");
        }
        Assert.True(slow.Count == 0, string.Join("\n", slow));
    }

    private static string Answer(GrammarKind kind, string text)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(kind, text, new GrammarOptions()));
        if (result.Grammar is not { } grammar) return result.Rejections[0].Message;
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, OracleVocabulary.Full());
        int[] ids = EngineWalk.Ids(matcher.GetMask());
        Assert.True(ids.Length > 0 && (ids[0] == OracleVocabulary.Full().EndIds[0] || matcher.TryAdvance(ids[0], out _)), "the first mask does not work");
        return "a grammar";
    }

    private static IEnumerable<(string Name, GrammarKind Kind, string Text)> All()
    {
        yield return ("a million characters", GrammarKind.Regex, new string('a', 1_000_000));
        yield return ("a million classes", GrammarKind.Regex, string.Concat(Enumerable.Repeat("[ab]", 250_000)));
        yield return ("a hundred thousand groups", GrammarKind.Regex, new string('(', 100_000) + new string(')', 100_000));
        yield return ("a large counter", GrammarKind.Regex, "a{1,100000}");
        yield return ("counters in counters", GrammarKind.Regex, "((a{1,1000}){1,1000}b){1,1000}");
        yield return ("ambiguous loops", GrammarKind.Regex, "(a|a)*b");
        yield return ("nested loops", GrammarKind.Regex, "((a*)*)*((b*)*)*c");
        yield return ("many look-aheads", GrammarKind.Regex, string.Concat(Enumerable.Range(0, 60).Select(x => $"(?=.*{(char)('a' + x % 26)}{x})")) + ".*");
        yield return ("an intersection with nothing in it", GrammarKind.Regex, "(?=a*b)(?=[^b]*$).*");
        yield return ("a hundred thousand choices", GrammarKind.Choice, JsonSerializer.Serialize(Enumerable.Range(0, 100_000).Select(x => $"choice number {x * 7919 % 100_003}")));
        yield return ("one choice of a million characters", GrammarKind.Choice, JsonSerializer.Serialize(new[] { new string('x', 1_000_000) }));
        yield return ("15,000 rules in a chain", GrammarKind.Lark, "start: r0\n" + string.Join('\n', Enumerable.Range(0, 15_000).Select(x => $"r{x}: r{x + 1}")) + "\nr15000: \"a\"");
        yield return ("a chain that recurses", GrammarKind.Lark, "start: r0\n" + string.Join('\n', Enumerable.Range(0, 6_000).Select(x => $"r{x}: \"b\"? r{x + 1}")) + "\nr6000: \"a\" r0?");
        yield return ("rules that double", GrammarKind.Lark, "start: r0\n" + string.Join('\n', Enumerable.Range(0, 60).Select(x => $"r{x}: r{x + 1} r{x + 1}")) + "\nr60: \"a\"");
        yield return ("rules that double and recurse", GrammarKind.Lark, "start: r0 | start \"b\"\n" + string.Join('\n', Enumerable.Range(0, 60).Select(x => $"r{x}: r{x + 1} r{x + 1}")) + "\nr60: \"a\" start?");
        yield return ("open groups", GrammarKind.Lark, "start: " + new string('(', 100_000));
        yield return ("stars on stars", GrammarKind.Lark, "start: ((((\"a\"*)*)*)*)* | start*");
        yield return ("ambiguity", GrammarKind.Lark, "start: start start | start start start | \"a\" |");
        yield return ("mutual left recursion", GrammarKind.Lark, "start: p \"a\" | \"b\"\np: q \"a\" | start\nq: start \"a\" | p");
        yield return ("a large counter over a rule", GrammarKind.Lark, "start: x~1..1000000\nx: \"a\" x? \"b\"");
        yield return ("counters in counters", GrammarKind.Lark, "start: ((x~1000)~1000)~1000\nx: \"a\" x? \"b\"");
        yield return ("many alternatives", GrammarKind.Lark, "start: " + string.Join(" | ", Enumerable.Range(0, 20_000).Select(x => $"\"w{x}\"")));
        yield return ("a long string", GrammarKind.Lark, $"start: \"{new string('x', 240_000)}\"");
        yield return ("terminals in a chain", GrammarKind.Lark, "start: T0\n" + string.Join('\n', Enumerable.Range(0, 5_000).Select(x => $"T{x}: T{x + 1}")) + "\nT5000: \"a\"");
        yield return ("terminals that double", GrammarKind.Lark, "start: T0\n" + string.Join('\n', Enumerable.Range(0, 60).Select(x => $"T{x}: T{x + 1} T{x + 1}")) + "\nT60: \"a\"");
        yield return ("nothing but punctuation", GrammarKind.Lark, string.Concat(Enumerable.Repeat("|~*?(", 10_000)));
        yield return ("palindromes, even ones too", GrammarKind.Lark, "start: \"a\" start \"a\" | \"b\" start \"b\" | \"a\" | \"b\" |");
        yield return ("a source past its bound", GrammarKind.Lark, "start: \"a\" //" + new string('x', 250_000));
        yield return ("a nul", GrammarKind.Lark, "start: \"\0\"\0");
        yield return ("tags by the thousand", GrammarKind.StructuralTag, JsonSerializer.Serialize(new { triggers = new[] { "<" }, structures = Enumerable.Range(0, 1_000).Select(x => new { begin = $"<t{x}>", schema = new { type = "object" }, end = "</t>" }) }));
        yield return ("parts nested deep", GrammarKind.StructuralTag, string.Concat(Enumerable.Repeat("""{"format":{"type":"sequence","elements":[""", 10_000)));
        yield return ("or of or", GrammarKind.StructuralTag, """{"format":""" + string.Concat(Enumerable.Repeat("""{"type":"or","elements":[""", 40)) + """{"type":"any_text"}""" + string.Concat(Enumerable.Repeat("]}", 40)) + "}");
        yield return ("triggers that overlap themselves", GrammarKind.StructuralTag, JsonSerializer.Serialize(new { triggers = new[] { new string('a', 4_000) }, structures = new[] { new { begin = new string('a', 4_001), schema = new { }, end = new string('a', 4_000) } } }));
    }
}
