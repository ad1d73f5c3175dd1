using System.Text.RegularExpressions;
using Cluster.Decoding.Models;
using Cluster.Onnx.Folders;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cluster.Onnx.Sessions;

/// <summary>A session with its run options, and what a first run showed about the graph.</summary>
internal sealed partial class LoadedGraph : IDisposable
{
    private readonly RunOptions _run = new();
    private readonly int? _callersCore;
    private Thread? _caller;

    /// <param name="callersCore">Core of the thread that runs steps, which is one of the threads of a run.</param>
    public LoadedGraph(InferenceSession session, DecoderLayout layout, int? callersCore)
    {
        (Session, Layout, _callersCore) = (session, layout, callersCore);
        (VocabularySize, LastTokenOnly) = Probe();
    }

    public InferenceSession Session { get; }

    public DecoderLayout Layout { get; }

    public int VocabularySize { get; }

    /// <summary>The graph gives logits after the last token only.</summary>
    public bool LastTokenOnly { get; }

    public void Run(OrtIoBinding binding)
    {
        if (_callersCore is { } core && _caller != Thread.CurrentThread)
        {
            CoreList.PinThisThread(core);
            _caller = Thread.CurrentThread;
        }

        try
        {
            Session.RunWithBinding(_run, binding);
        }
        catch (Exception error) when (error is OnnxRuntimeException or KeyNotFoundException)
        {
            _run.Terminate = false;
            throw new ModelException($"the run failed: {Code(error)}", error);
        }
    }

    public void Interrupt() => _run.Terminate = true;

    public void Dispose()
    {
        _run.Dispose();
        Session.Dispose();
    }

    /// <summary>The runtime's own code. Its message may quote inputs, so it stays in the inner exception.</summary>
    private static string Code(Exception error) =>
        CodePattern().Match(error.Message) is { Success: true } match ? match.Value : error.GetType().Name;

    [GeneratedRegex(@"\[ErrorCode:\w+\]")]
    private static partial Regex CodePattern();

    /// <summary>Two tokens, nothing before them: shows the logits' shape, whatever the file declares, and that the graph runs at
    /// all.</summary>
    private (int VocabularySize, bool LastTokenOnly) Probe()
    {
        using var binding = Session.CreateIoBinding();
        using var tokens = OrtValue.CreateTensorValueFromMemory(new long[2], [1, 2]);
        using var mask = OrtValue.CreateTensorValueFromMemory(new long[] { 1, 1 }, [1, 2]);
        using var positions = OrtValue.CreateTensorValueFromMemory(new long[] { 0, 1 }, [1, 2]);
        using var branch = OrtValue.CreateTensorValueFromMemory(new bool[1], [1]);
        // Over a length of two in every style: a shared buffer of exactly this prompt, or a past of none.
        var pastLength = Layout.Style == CacheStyle.Shared ? 2 : 0;
        long[] shape = [1, Layout.KeyValueHeads, pastLength, Layout.HeadSize];
        binding.BindInput(Layout.TokensName, tokens);
        binding.BindInput(Layout.MaskName, mask);
        if (Layout.PositionsName is { } positionsName)
        {
            binding.BindInput(positionsName, positions);
        }

        if (Layout.BranchName is { } branchName)
        {
            binding.BindInput(branchName, branch);
        }

        foreach (var names in Layout.Caches)
        {
            using var past = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Layout.CacheType, shape);
            binding.BindInput(names.PastKey, past);
            binding.BindInput(names.PastValue, past);
        }

        binding.BindOutputToDevice(Layout.LogitsName, OrtMemoryInfo.DefaultInstance);
        using var outputs = Session.RunWithBoundResults(_run, binding);
        var logits = outputs[0].GetTensorTypeAndShape();
        if (logits.Shape is not [1, 1 or 2, > 0 and <= int.MaxValue] || logits.ElementDataType != Layout.LogitsType)
        {
            throw new ModelLoadException(
                ModelLoadFailure.UnsupportedGraph,
                $"{Layout.GraphPath}: {Layout.LogitsName} is [{string.Join(", ", logits.Shape)}] for two tokens; "
                + "[1, 2, vocabulary] or [1, 1, vocabulary] is needed");
        }

        return ((int)logits.Shape[2], logits.Shape[1] == 1);
    }
}
