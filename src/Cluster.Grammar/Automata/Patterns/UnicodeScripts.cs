using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>Scripts and binary properties that the runtime has no data for.</summary>
internal static class UnicodeScripts
{
    public static IEnumerable<string> ScriptNames => [];

    public static IEnumerable<string> BinaryNames => [];

    public static CodePointSet? Find(string script, bool extended) => null;

    public static CodePointSet? FindBinary(string property) => null;
}
