using System.Runtime.InteropServices;
using Cluster.Onnx.Memory;

namespace Cluster.Onnx.Tests.Memory;

public sealed unsafe class HostMemoryTests
{
    private const int BlockBytes = 8 << 20;

    [Fact]
    public void Allocate_IsZeroed_AndBeginsAtACacheLine()
    {
        using var memory = new HostMemory();
        for (int bytes = 1; bytes < 100_000; bytes *= 7)
        {
            nint block = memory.Allocate(bytes);
            Assert.Equal(0, block % 64);
            var span = new Span<byte>((void*)block, bytes);
            Assert.Equal(-1, span.IndexOfAnyExcept((byte)0));
            span.Fill(1);
        }
    }

    [Fact]
    public void Allocate_WhereTheHeapHoldsFreedMemory_TakesOnlyThePagesThatAreWritten()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Which pages are backed is told by Linux.");
        // From now on blocks of this size come from the C library's heap, which keeps them when they are freed.
        NativeMemory.Free(NativeMemory.Alloc(30 << 20));
        for (int i = 0; i < 4; i++)
        {
            void* used = NativeMemory.Alloc(BlockBytes);
            new Span<byte>(used, BlockBytes).Fill(1);
            NativeMemory.Free(used);
        }

        using var memory = new HostMemory();
        nint block = memory.Allocate(BlockBytes);
        Assert.Equal(0, BackedPages(block));
        ((byte*)block)[BlockBytes / 2] = 1;
        // One page, or a large one where the system prefers those.
        Assert.InRange(BackedPages(block), 1, (2 << 20) / Environment.SystemPageSize);
    }

    [Fact]
    public void Allocate_MoreThanThereIs_IsOutOfMemory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the allocator decides.");
        using var memory = new HostMemory();
        Assert.Throws<OutOfMemoryException>(() => memory.Allocate(1L << 60));
    }

    private static int BackedPages(nint block)
    {
        long page = Environment.SystemPageSize;
        using FileStream map = File.OpenRead("/proc/self/pagemap");
        map.Position = block / page * 8;
        byte[] entries = new byte[BlockBytes / page * 8];
        map.ReadExactly(entries);
        int backed = 0;
        foreach (ulong entry in MemoryMarshal.Cast<byte, ulong>(entries)) backed += (entry & (1UL << 63)) != 0 ? 1 : 0;
        return backed;
    }
}
