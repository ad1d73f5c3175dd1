using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

public class RegexFormatTests
{
    private static readonly StringLanguage Language = StringLanguage.Format("regex")!;

    [Theory]
    [InlineData(@"^[a-z0-9_-]+\.(com|org)$")]
    [InlineData(@"(?<year>\d{4})-\k<year>")]
    [InlineData(@"\k<n>(?<n>)")]
    [InlineData(@"\2(a)(b)")]
    [InlineData(@"(?:a|b)*?(?=x)(?!y)(?<=z)(?<!w)")]
    [InlineData(@"[\u{1F600}-\u{1F64F}\p{L}\-]")]
    [InlineData(@"[\uD83D\uDE00-\uD83D\uDE4F]")]
    [InlineData(@"[\0-\x1f]a{2,10}?")]
    [InlineData(@"\cJ\x41\u0041\0")]
    [InlineData(@"[\]\[^-]")]
    [InlineData(@"[]|[^]")]
    [InlineData(@"a{10,010}\p{Script_Extensions=Latin}")]
    [InlineData("")]
    public void Format_ValidPattern_IsAccepted(string pattern) => Assert.True(Language.Contains(pattern));

    [Theory]
    [InlineData(@"(")]
    [InlineData(@")")]
    [InlineData(@"a**")]
    [InlineData(@"^*")]
    [InlineData(@"(?=a)*")]
    [InlineData(@"a{2,1}")]
    [InlineData(@"[b-a]")]
    [InlineData(@"[\d-a]")]
    [InlineData(@"[a-\d]")]
    [InlineData(@"\a")]
    [InlineData(@"\-")]
    [InlineData(@"\1")]
    [InlineData(@"(a)\2")]
    [InlineData(@"\k<n>")]
    [InlineData(@"(?<n>)(?<n>)")]
    [InlineData(@"(?<1>)")]
    [InlineData(@"\00")]
    [InlineData(@"[\00]")]
    [InlineData(@"\x4")]
    [InlineData(@"\u{110000}")]
    [InlineData(@"\p{Nope}")]
    [InlineData(@"a{")]
    [InlineData(@"}")]
    [InlineData(@"[")]
    [InlineData(@"\")]
    [InlineData(@"[\u{1F64F}-\u{1F600}]")]
    [InlineData(@"[\uD83D\uDE4F-\uD83D\uDE00]")]
    public void Format_InvalidPattern_IsRefused(string pattern) => Assert.False(Language.Contains(pattern));

    [Fact]
    public void Format_RandomWalks_AreAlwaysCompleted()
    {
        var dfa = Language.ToDfa(Spelling.Any);
        var letters = Encoding.ASCII.GetBytes(@"()[]{}|\^$.*+?-<>=!:,aAbdukpxLl019Df8/ ");
        for (var seed = 1; seed <= 3_000; seed++)
        {
            var random = new Random(seed);
            var state = dfa.Start;
            var text = new List<byte>();
            for (var step = 0; step < 25; step++)
            {
                var value = letters[random.Next(letters.Length)];
                if (dfa.Next(state, value) is var next && next != ByteDfa.Dead)
                {
                    state = next;
                    text.Add(value);
                }
            }
            var shown = Encoding.UTF8.GetString([.. text]);
            var completion = dfa.ShortestCompletion(state);
            foreach (var value in completion)
            {
                state = dfa.Next(state, value);
            }
            Assert.True(dfa.IsAccepting(state), $"{shown} + {Encoding.UTF8.GetString(completion)}");
        }
    }
}
