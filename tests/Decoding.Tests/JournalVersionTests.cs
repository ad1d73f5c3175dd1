using System.Security.Cryptography;
using System.Text;
using Cluster.Decoding.Tests.Support;
using Cluster.Grammar;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

/// <summary>Equal journals go on with equal tokens in every version of the program that has the same <see cref="SequenceJournal.Version"/>.</summary>
public class JournalVersionTests
{
    /// <summary>What the journals below gave when this version began.</summary>
    private const string Version = "0.1.0.0", Digest = "b143b86a24f2f98a483d35c52d6b59fad26a4b2d8c56758f5768a64d9877751f";

    private const string Schema =
        """{"type":"object","properties":{"name":{"type":"string","maxLength":9},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","maxItems":3,"items":{"enum":["a","bb",null]}}},"required":["name","age"],"additionalProperties":false}""";

    [Fact]
    public void Journals_GiveTheTokensThatTheirVersionStandsFor()
    {
        CompiledGrammar grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, Schema, new GrammarOptions())).Grammar!;
        var text = new StringBuilder();
        for (int number = 0; number < 48; number++)
        {
            var sampling = new SamplingOptions
            {
                Seed = (ulong)number, Temperature = number % 3 / 2f, TopP = number % 4 == 1 ? 0.9f : 1, TopK = number % 5 == 1 ? 12 : 0,
                MinP = number % 7 == 1 ? 0.02f : 0, FrequencyPenalty = number % 8 == 3 ? 0.5f : 0, RepetitionPenalty = number % 8 == 5 ? 1.2f : 1,
            };
            SequenceJournal journal = Bench.Journal([number, 7, 3 * number % 256], 60, sampling) with { Choice = number % 2 };
            Run run = Bench.Alone(journal, Scripts.Noise(9), number % 2 == 0 ? null : grammar);
            text.Append(number).Append(' ').AppendJoin(',', run.Tokens).Append(' ').Append(run.Finish).Append('\n');
        }
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        Assert.True(SequenceJournal.Version == Version && digest == Digest,
            $"journals of version {SequenceJournal.Version} give {digest}: where tokens changed on purpose, raise SequenceJournal.Version, and write both down here");
    }
}
