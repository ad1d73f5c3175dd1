using System.Text;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>A shortest way from a state of a string body past its closing quote.</summary>
internal static class BodyCompletion
{
    public static byte[] Of(BodyKey key, bool oneSpelling, Fuel fuel)
    {
        var bytes = new List<byte>();
        var text = Witness.Shortest(Begin(key, oneSpelling, fuel, bytes), fuel) ?? throw NoWitness();
        foreach (var codePoint in text)
        {
            Append(bytes, codePoint);
        }
        bytes.Add((byte)'"');
        return [.. bytes];
    }

    /// <summary>Length of <see cref="Of"/>, without writing it.</summary>
    public static int LengthOf(BodyKey key, bool oneSpelling, Fuel fuel)
    {
        var bytes = new List<byte>();
        var rest = Begin(key, oneSpelling, fuel, bytes);
        var cost = Witness.CostUnsearched(rest) ?? Witness.Cost(rest, fuel) ?? throw NoWitness();
        return Bounded(NodeFacts.Plus(cost, bytes.Count + 1));
    }

    /// <summary>A length as a number that may be added to: past any document's it is all the same how much.</summary>
    public static int Bounded(long length) => (int)Math.Min(4L * Structure.Cost.Max, length);

    // Every start was live and every state on the way was trimmed, so a witness exists; its cost is bounded by the fuel of the start.
    private static InvalidOperationException NoWitness() => new("A live string state has no witness within its fuel.");

    /// <summary>Finishes the code point that is being written into <paramref name="bytes"/>.</summary>
    /// <returns>What is to follow it.</returns>
    private static Node Begin(BodyKey key, bool oneSpelling, Fuel fuel, List<byte> bytes)
    {
        switch (key.Phase)
        {
            case BodyPhase.Boundary:
                break;
            case BodyPhase.Tail:
                bytes.Add((byte)Utf8.SecondByte(key.Value).Low);
                bytes.AddRange(Enumerable.Repeat((byte)0x80, key.Left - 1));
                break;
            case BodyPhase.HexTail:
                bytes.AddRange(Enumerable.Repeat((byte)'0', key.Left));
                break;
            case BodyPhase.PairTail:
                bytes.AddRange("\\udc00"u8[^key.Left..]);
                break;
            default:
                return Choose(key, oneSpelling, fuel, bytes);
        }
        return key.Node;
    }

    // Inside a sequence whose targets differ: the step with the fewest bytes in all.
    private static Node Choose(BodyKey key, bool oneSpelling, Fuel fuel, List<byte> bytes)
    {
        var best = (Cost: long.MaxValue, Suffix: Array.Empty<byte>(), Node: Nodes.Nothing);
        foreach (var step in LiveRows.Of(key.Node, fuel, out _).Steps)
        {
            var cost = Witness.Cost(step.Target, fuel) ?? long.MaxValue;
            foreach (var (suffix, _) in Suffixes(key, step, oneSpelling))
            {
                var total = NodeFacts.Plus(cost, suffix.Length);
                if (total < best.Cost)
                {
                    best = (total, suffix, step.Target);
                }
            }
        }
        bytes.AddRange(best.Suffix);
        return best.Node;
    }

    private static IEnumerable<(byte[] Suffix, int CodePoint)> Suffixes(BodyKey key, CodePointStep step, bool oneSpelling)
    {
        switch (key.Phase)
        {
            case BodyPhase.Split:
                var high = key.Value + (1 << (6 * key.Left)) - 1;
                var low = Math.Max(key.Value, key.Value > 0 ? 0 : key.Left == 1 ? 0x80 : key.Left == 2 ? 0x800 : 0x10000);
                if (step.Low <= high && step.High >= low)
                {
                    var codePoint = Math.Max(step.Low, low);
                    yield return (Encoding.UTF8.GetBytes(new Rune(codePoint).ToString())[^key.Left..], codePoint);
                }
                break;
            case BodyPhase.Escape:
                foreach (var (letter, codePoint) in CanonicalEscapes.Short)
                {
                    if (codePoint >= step.Low && codePoint <= step.High && !(oneSpelling && letter == '/'))
                    {
                        yield return ([(byte)letter], codePoint);
                    }
                }
                foreach (var unit in HexUnits(step, 0, 0xFFFF, oneSpelling))
                {
                    yield return ([(byte)'u', .. unit], 0);
                }
                break;
            case BodyPhase.Hex:
                var shift = 4 * key.Left;
                foreach (var unit in HexUnits(step, key.Value << shift, ((key.Value + 1) << shift) - 1, oneSpelling))
                {
                    yield return (unit[(4 - key.Left)..], 0);
                }
                break;
            case BodyPhase.Pair:
                var digits = Math.Min(key.Left, 4);
                var (first, last) = digits == 4
                    ? Surrogates.Reach(key.Value >>> 16, key.Value >>> 16)
                    : Surrogates.Reach(key.Value >>> 16, key.Value & 0xFFFF, digits);
                if (step.Low <= last && step.High >= first)
                {
                    yield return (Hex(Math.Max(step.Low, first))[^key.Left..], 0);
                }
                break;
        }
    }

    // Spellings XXXX or XXXX\uXXXX of members of the step whose first unit lies in [low, high].
    private static IEnumerable<byte[]> HexUnits(CodePointStep step, int low, int high, bool oneSpelling)
    {
        if (oneSpelling)
        {
            for (var codePoint = Math.Max(step.Low, low); codePoint <= Math.Min(Math.Min(step.High, high), 0x1F); codePoint++)
            {
                if (CanonicalEscapes.NeedsHex(codePoint, codePoint))
                {
                    yield return Hex(codePoint);
                    yield break;
                }
            }
            yield break;
        }
        if (step.Low <= Math.Min(high, 0xFFFF) && step.High >= low)
        {
            yield return Hex(Math.Max(step.Low, low));
        }
        var (first, last) = Surrogates.Reach(low, high);
        if (first <= last && step.Low <= last && step.High >= first)
        {
            yield return Hex(Math.Max(step.Low, first));
        }
    }

    // Digits after the first \u; a pair has six more bytes.
    private static byte[] Hex(int codePoint) =>
        Encoding.ASCII.GetBytes(string.Join("\\u", new Rune(codePoint).ToString().Select(unit => ((int)unit).ToString("x4"))));

    private static void Append(List<byte> bytes, int codePoint)
    {
        if (codePoint is >= 0x20 and < 0x80 and not ('"' or '\\'))
        {
            bytes.Add((byte)codePoint);
            return;
        }
        foreach (var (letter, escaped) in CanonicalEscapes.Short)
        {
            if (codePoint == escaped && letter != '/')
            {
                bytes.AddRange([(byte)'\\', (byte)letter]);
                return;
            }
        }
        bytes.AddRange(codePoint < 0x20 ? [(byte)'\\', (byte)'u', .. Hex(codePoint)] : Encoding.UTF8.GetBytes(new Rune(codePoint).ToString()));
    }
}
