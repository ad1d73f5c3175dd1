namespace Cluster.Grammar.Structure;

/// <summary>Between which bytes of a document a cursor stands.</summary>
internal enum Phase : byte
{
    /// <summary>Before a value; <see cref="Cursor.At"/> is its <see cref="Slot"/>.</summary>
    Value,

    /// <summary>Inside a scalar; a <see cref="ValueLeaf"/>.</summary>
    Scalar,

    /// <summary>After <c>{</c>; an <see cref="ObjectLevel"/>, as in the next three.</summary>
    ObjectOpen,

    /// <summary>After a member.</summary>
    ObjectNext,

    /// <summary>After the comma between members.</summary>
    ObjectKey,

    /// <summary>Inside a key; a <see cref="KeyLeaf"/>.</summary>
    Key,

    /// <summary>After a key; the <see cref="Slot"/> of its value.</summary>
    Colon,

    /// <summary>After <c>[</c>; an <see cref="ArrayLevel"/>, as in the next.</summary>
    ArrayOpen,

    /// <summary>After an item.</summary>
    ArrayNext,

    /// <summary>After the document; the <see cref="DoneLevel"/>.</summary>
    Done,
}

/// <summary>How a document spaces its separators, once that is known.</summary>
internal enum Spacing : byte { Unknown, Compact, Spaced }

/// <summary>A position in a document: a value, cheap to copy. Everything it refers to is immutable and shared.</summary>
internal struct Cursor
{
    /// <summary>Level, slot or leaf, as the phase says.</summary>
    public object At;

    /// <summary>The open brackets around <see cref="At"/>.</summary>
    public Frame? Stack;

    /// <summary>Bytes of the present key in tokens before this one.</summary>
    public KeyText? Key;

    /// <summary>The open values that are remembered, innermost first; null for none.</summary>
    public Capture? Captured;

    /// <summary>State of the leaf in <see cref="Phase.Scalar"/> and <see cref="Phase.Key"/>.</summary>
    public int State;

    /// <summary>Where the present key's bytes begin in the present token.</summary>
    public int KeyStart;

    /// <summary>White space read in this gap (bounded), or 1 while a separator's space is due or possible.</summary>
    public short Gap;

    public Phase Phase;

    public Spacing Spacing;
}

/// <summary>Bytes of an unfinished key, after its opening quote, token by token. Immutable; continuations are remembered, so that reading a key twice makes nothing new.</summary>
internal sealed class KeyText(KeyText? before, byte[] bytes)
{
    private const int ContinuationsMax = 32, OwnBytes = 96;

    private KeyText[] _continuations = [];

    /// <summary>This text and <paramref name="more"/> after it.</summary>
    /// <param name="meter">Counts what is remembered.</param>
    public KeyText With(ReadOnlySpan<byte> more, TableMeter meter)
    {
        KeyText[] known = Volatile.Read(ref _continuations);
        foreach (KeyText continuation in known)
        {
            if (more.SequenceEqual(continuation.Bytes)) return continuation;
        }
        var made = new KeyText(this, more.ToArray());
        if (known.Length < ContinuationsMax)
        {
            // Of two that are added at once one may be lost, and is made again.
            Volatile.Write(ref _continuations, [.. known, made]);
            meter.Add(OwnBytes + more.Length);
        }
        return made;
    }

    public int Length { get; } = (before?.Length ?? 0) + bytes.Length;

    /// <summary>All the bytes, followed by <paramref name="rest"/>.</summary>
    public static byte[] Join(KeyText? text, ReadOnlySpan<byte> rest)
    {
        int length = text?.Length ?? 0;
        var joined = new byte[length + rest.Length];
        rest.CopyTo(joined.AsSpan(length));
        for (; text is not null; text = text.Before)
        {
            length -= text.Bytes.Length;
            text.Bytes.CopyTo(joined, length);
        }
        return joined;
    }

    private KeyText? Before { get; } = before;

    private byte[] Bytes { get; } = bytes;
}

/// <summary>A value that is being written and has to be remembered. Immutable.</summary>
/// <param name="Outer">The next one around it.</param>
/// <param name="Before">Its bytes in tokens before this one.</param>
/// <param name="Start">Where its bytes begin in the present token.</param>
internal sealed record Capture(Capture? Outer, KeyText? Before, int Start)
{
    /// <summary>The same at the end of a token.</summary>
    public static Capture? Commit(Capture? capture, ReadOnlySpan<byte> token)
    {
        Capture? result = null;
        var chain = new Stack<Capture>();
        for (; capture is not null; capture = capture.Outer) chain.Push(capture);
        foreach (Capture link in chain) result = new Capture(result, new KeyText(link.Before, token[link.Start..].ToArray()), 0);
        return result;
    }
}
