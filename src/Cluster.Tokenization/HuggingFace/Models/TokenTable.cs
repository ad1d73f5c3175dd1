using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>
/// Byte strings to ids and back: one blob and an open-addressing index. A dictionary of strings would cost four times the memory and most of
/// the loading time of a vocabulary of 150,000 words.
/// </summary>
internal sealed class TokenTable
{
    private readonly List<byte> _blob = [];
    private readonly List<(int Start, int Length)> _byId = [];
    private int[] _slots = new int[1 << 10];
    private int _count;

    /// <summary>One more than the greatest id.</summary>
    public int Size => _byId.Count;

    public void Reserve(int ids, int bytes)
    {
        _blob.EnsureCapacity(bytes);
        _byId.EnsureCapacity(ids);
        int wanted = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(ids * 2, 16));
        if (wanted > _slots.Length) Rehash(wanted);
    }

    /// <summary>Gives <paramref name="form"/> the id; where the form has one already, the later id wins.</summary>
    public void Add(ReadOnlySpan<byte> form, int id, bool findable = true)
    {
        while (_byId.Count <= id) _byId.Add((0, 0));
        _byId[id] = (_blob.Count, form.Length);
        _blob.AddRange(form);
        if (!findable) return;
        if (++_count * 2 > _slots.Length) Rehash(_slots.Length * 2);
        Place(form, id);
    }

    public int Find(ReadOnlySpan<byte> form)
    {
        uint mask = (uint)_slots.Length - 1;
        for (uint slot = Hash(form) & mask; ; slot = (slot + 1) & mask)
        {
            int id = _slots[slot] - 1;
            if (id < 0) return -1;
            if (FormOf(id).SequenceEqual(form)) return id;
        }
    }

    public ReadOnlySpan<byte> FormOf(int id)
    {
        (int start, int length) = _byId[id];
        return CollectionsMarshal.AsSpan(_blob).Slice(start, length);
    }

    private void Place(ReadOnlySpan<byte> form, int id)
    {
        uint mask = (uint)_slots.Length - 1;
        uint slot = Hash(form) & mask;
        while (_slots[slot] != 0 && !FormOf(_slots[slot] - 1).SequenceEqual(form)) slot = (slot + 1) & mask;
        _slots[slot] = id + 1;
    }

    private void Rehash(int size)
    {
        int[] old = _slots;
        _slots = new int[size];
        foreach (int entry in old)
        {
            if (entry != 0) Place(FormOf(entry - 1), entry - 1);
        }
    }

    private static uint Hash(ReadOnlySpan<byte> form)
    {
        ulong hash = (ulong)form.Length * 0x9E3779B97F4A7C15;
        while (form.Length >= 8)
        {
            hash = (BitOperations.RotateLeft(hash, 5) ^ BinaryPrimitives.ReadUInt64LittleEndian(form)) * 0x517CC1B727220A95;
            form = form[8..];
        }
        ulong rest = 0;
        foreach (byte value in form) rest = (rest << 8) | value;
        hash = (BitOperations.RotateLeft(hash, 5) ^ rest) * 0x517CC1B727220A95;
        return (uint)(hash >> 32);
    }
}
