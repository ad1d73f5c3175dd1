using System.Text;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Grammar.Tests.Support;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Kinds;

/// <summary>Mutated sources of every kind: never an exception, never a mask that is empty or lies, never a run that does not close.</summary>
public sealed class KindFuzzTests
{
    private static readonly int Rounds = FullRun.Scale(600, 60_000);
    private static readonly Vocabulary Tokens = OracleVocabulary.Full();

    private static readonly (GrammarKind Kind, string Source)[] _seeds =
    [
        (GrammarKind.Regex, "^(?:a|b{2,3})*[^c-e]+\\d?\\u{1F600}(?=x)x$"),
        (GrammarKind.Regex, "(a+)+(?!b)\\w\\b.|[\\s\\S]{0,9}"),
        (GrammarKind.Choice, """["red","gr\u00e9en","","a\"b"]"""),
        (GrammarKind.Lark, "start: (x \",\")* x?\nx: \"a\"i | \"(\" start \")\" | N~2..4\nN: /[0-9]+/s | \"a\"..\"f\"\n%import common.WS\n%ignore WS"),
        (GrammarKind.Lark, "?start: sum\nsum.2: p | sum (\"+\" | \"-\") p -> add\np: INT | [\"-\"] p | \"(\" sum \")\" // c\n%import common (INT, CNAME)\n"),
        (GrammarKind.StructuralTag, """{"triggers":["<f"],"structures":[{"begin":"<f=a>","schema":{"type":"object","maxProperties":1},"end":"</f>"},{"begin":"<f=b>","schema":{"enum":[1,"x"]},"end":""}]}"""),
        (GrammarKind.StructuralTag, """{"type":"structural_tag","format":{"type":"sequence","elements":[{"type":"tag","begin":"<t>","content":{"type":"any_text"},"end":"</t>"},{"type":"or","elements":[{"type":"tags_with_separator","separator":",","at_least_one":true,"tags":[{"begin":"[","content":{"type":"regex","pattern":"a*b"},"end":"]"}]},{"type":"json_schema","json_schema":{"type":"integer"}}]}]}}"""),
    ];

    private const string Letters = "()[]{}|*+?~\"'\\/:<>,.a0 \n\ud800";

    [Fact]
    public void Compile_MutatedSources_NeverThrowsAndMasksHold()
    {
        int grammars = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var (kind, source) = _seeds[random.Next(_seeds.Length)];
            string mutated = Mutate(source, random);
            try
            {
                if (Try(kind, mutated, random)) grammars++;
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, {kind}: {error.GetType().Name} {error.Message}\n{mutated}\n{error.StackTrace}");
            }
        }
        Assert.True(grammars > Rounds / 10);
    }

    private static bool Try(GrammarKind kind, string source, Random random)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(kind, source, new GrammarOptions()));
        if (result.Grammar is not { } grammar)
        {
            Assert.All(result.Rejections, static x => Assert.NotEmpty(x.Message));
            Assert.NotEmpty(result.Rejections);
            return false;
        }
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, Tokens);
        int left = Math.Min(matcher.TokensToComplete, 2_000) + random.Next(8);
        if (matcher.TokensToComplete > left) return true;
        var text = new StringBuilder($"{left}: ");
        for (; !(matcher.IsComplete && random.Next(3) == 0); left--)
        {
            int[] ids = EngineWalk.Ids(matcher.GetMask(left));
            Assert.True(ids.Length > 0, "an empty mask");
            int token = ids[random.Next(ids.Length)];
            if (Tokens.IsEnd(token)) break;
            Assert.True(left > 0, $"the budget is used up: {text}");
            text.Append(Encoding.UTF8.GetString(Tokens.BytesOf(token))).Append($"‹{matcher.TokensToComplete}/{left}›");
            Assert.True(matcher.TryAdvance(token, out matcher), $"token {token} is in the mask and refused");
        }
        Assert.True(matcher.IsComplete);
        return true;
    }

    private static string Mutate(string source, Random random)
    {
        var text = new StringBuilder(source);
        for (int i = random.Next(1, 5); i > 0 && text.Length > 0; i--)
        {
            int at = random.Next(text.Length), length = Math.Min(random.Next(1, 6), text.Length - at);
            string piece = text.ToString(at, length);
            switch (random.Next(5))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, piece); break;
                case 2: text.Insert(random.Next(text.Length), piece); break;
                case 3: text[at] = Letters[random.Next(Letters.Length)]; break;
                default: text.Insert(at, ((string[])["{0,99}", "start", "(?", "\\u", "..", "\"\"", "~9", "[^", "null", "{\"type\":"])[random.Next(10)]); break;
            }
        }
        return text.ToString();
    }
}
