namespace Cluster.Testing;

/// <summary>Scripts for <see cref="FakeModel"/>.</summary>
public static class Scripts
{
    /// <summary>Noise that depends on the whole prefix: a different prefix gives different logits.</summary>
    /// <param name="seed">Chooses the function.</param>
    /// <param name="spread">Logits lie in ±spread.</param>
    public static LogitsScript Noise(ulong seed, float spread = 4f) => (prefix, logits) =>
    {
        ulong hash = seed;
        foreach (int token in prefix) hash = Mix(hash ^ (ulong)(uint)token);
        for (int id = 0; id < logits.Length; id++)
        {
            logits[id] = ((Mix(hash + (ulong)id) >> 40) * (2f / (1 << 24)) - 1f) * spread;
        }
    };

    /// <summary>Noise of the last few tokens only, so that outputs fall into loops that prompt lookup can guess.</summary>
    public static LogitsScript Markov(ulong seed, int order, float spread = 4f)
    {
        LogitsScript noise = Noise(seed, spread);
        return (prefix, logits) => noise(prefix[^Math.Min(order, prefix.Length)..], logits);
    }

    /// <summary>The same, but never the end of sequence.</summary>
    public static LogitsScript WithoutEnd(LogitsScript script) => (prefix, logits) =>
    {
        script(prefix, logits);
        logits[FakeTokenizer.End] = float.NegativeInfinity;
    };

    /// <summary>Prefers to write <paramref name="text"/> token by token after a prompt of the given length, then to end.</summary>
    public static LogitsScript Says(int promptLength, IReadOnlyList<int> text, int end) => (prefix, logits) =>
    {
        logits.Clear();
        int position = prefix.Length - promptLength;
        logits[position < text.Count ? text[position] : end] = 20f;
    };

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
