namespace Cluster.Grammar.Automata;

/// <summary>
/// Bytes of which up to <paramref name="Steps"/> can be read from a state of a string body without ending in a dead one: bit b of <paramref name="Low"/> and
/// <paramref name="High"/> together stands for the ASCII byte b. Control characters never occur raw in a string; their bit
/// <see cref="Long"/> stands for all longer characters together.
/// </summary>
/// <param name="MostBytes">Upper bound on the bytes to the closing quote, included, after so many whole characters of them.</param>
internal readonly record struct SafeBytes(ulong Low, ulong High, int Steps, int MostBytes)
{
    public const ulong Long = 1;

    public bool IsEmpty => (Low | High) == 0;
}
