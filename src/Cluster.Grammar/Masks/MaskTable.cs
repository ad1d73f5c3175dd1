using System.Collections.Concurrent;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Masks;

/// <summary>
/// The masks of the positions at one level, slot or leaf. A mask is kept under exactly what its walk consulted: the position itself, then
/// one frame of the stack after another as far as some token closed them. Situations that differ further down share it.
/// </summary>
internal sealed class MaskTable
{
    public ConcurrentDictionary<MaskKey, MaskNode> Nodes { get; } = [];
}

/// <summary>A position at a level, slot or leaf.</summary>
/// <param name="Engine">The vocabulary's engine.</param>
/// <param name="Depth">Open brackets, where the cap on them is near; else 0.</param>
internal readonly record struct MaskKey(MaskEngine Engine, int State, short Gap, Phase Phase, Spacing Spacing, int Depth);

/// <summary>A mask, or the question which frame comes next.</summary>
internal sealed class MaskNode
{
    private static readonly object _bottom = new();

    public MaskEntry? Entry;

    private readonly ConcurrentDictionary<object, MaskNode> _below = [];

    public MaskNode? Find(Frame? frame) => _below.GetValueOrDefault(frame?.Slot ?? _bottom);

    public MaskNode Below(Frame? frame) => _below.GetOrAdd(frame?.Slot ?? _bottom, static _ => new MaskNode());
}

/// <summary>A mask with what is needed to cut it to a budget.</summary>
/// <param name="Mask">The tokens, whatever the budget.</param>
/// <param name="MostBytes">No token of it needs more compact bytes to finish than this, plus <see cref="Frame.MostClose"/> of the first frame not consulted.</param>
/// <param name="Frames">Frames consulted.</param>
internal sealed record MaskEntry(TokenMask Mask, int MostBytes, int Frames);
