using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>Drives a byte automaton with texts.</summary>
internal static class DfaText
{
    public static int Run(ByteDfa dfa, ReadOnlySpan<byte> text)
    {
        var state = dfa.Start;
        foreach (var value in text)
        {
            if (state == ByteDfa.Dead)
            {
                return ByteDfa.Dead;
            }
            state = dfa.Next(state, value);
        }
        return state;
    }

    public static bool Accepts(ByteDfa dfa, string text) => Accepts(dfa, Encoding.UTF8.GetBytes(text));

    public static bool Accepts(ByteDfa dfa, ReadOnlySpan<byte> text)
    {
        var state = Run(dfa, text);
        return state != ByteDfa.Dead && dfa.IsAccepting(state);
    }

    /// <summary>The text of a JSON string after its opening quote.</summary>
    public static string Body(string decoded) => System.Text.Json.JsonSerializer.Serialize(decoded)[1..];
}
