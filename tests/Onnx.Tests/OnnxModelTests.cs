using Cluster.Onnx.Folders;

namespace Cluster.Onnx.Tests;

/// <summary>Every way a folder can be wrong is a typed failure that names the file or the setting.</summary>
public sealed class OnnxModelTests : IDisposable
{
    private readonly TinyModel _tiny = new(change: options => options with { ExternalFromBytes = 1000 });

    private string Graph => Path.Combine(_tiny.Folder, "model.onnx");

    private string Config => Path.Combine(_tiny.Folder, "genai_config.json");

    [Fact]
    public void Folder_Missing() =>
        Fails(ModelLoadFailure.MissingFile, "does not exist", options => options with { Folder = _tiny.Folder + "-not" });

    [Fact]
    public void Folder_Empty_NamesBothConfigurations()
    {
        var empty = Directory.CreateTempSubdirectory("cluster-empty-");
        Fails(ModelLoadFailure.MissingFile, "neither genai_config.json", options => options with { Folder = empty.FullName });
        empty.Delete();
    }

    [Fact]
    public void Graph_Missing()
    {
        File.Delete(Graph);
        Fails(ModelLoadFailure.MissingFile, "model.onnx is missing");
    }

    [Fact]
    public void ExternalData_Missing()
    {
        File.Delete(Graph + ".data");
        Fails(ModelLoadFailure.MissingFile, "model.onnx.data is missing");
    }

    [Fact]
    public void ExternalData_Truncated()
    {
        Truncate(Graph + ".data", 10);
        Fails(ModelLoadFailure.CorruptFile, "truncated");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    public void Graph_Truncated(int bytes)
    {
        Truncate(Graph, bytes);
        Fails(ModelLoadFailure.CorruptFile, "model.onnx");
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no model")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")]
    public void Graph_OtherContents(string contents)
    {
        File.WriteAllText(Graph, contents);
        Fails(ModelLoadFailure.CorruptFile, "model.onnx");
    }

    [Fact]
    public void Config_NoJson()
    {
        File.WriteAllText(Config, "{");
        Fails(ModelLoadFailure.CorruptFile, "genai_config.json");
    }

    [Fact]
    public void Config_WithoutDecoder()
    {
        File.WriteAllText(Config, "{\"model\": {}}");
        Fails(ModelLoadFailure.CorruptFile, "genai_config.json");
    }

    [Theory]
    [InlineData("past_key_values.%d.key", "cache_%d_k", "has no input cache_0_k")]
    [InlineData("present.%d.value", "now_%d", "has no output now_0")]
    [InlineData("\"logits\": \"logits\"", "\"logits\": \"scores\"", "has no output scores")]
    public void Graph_WithoutWhatTheConfigurationNames(string name, string other, string message)
    {
        File.WriteAllText(Config, File.ReadAllText(Config).Replace(name, other, StringComparison.Ordinal));
        Fails(ModelLoadFailure.UnsupportedGraph, message);
    }

    [Fact]
    public void Graph_OfAnotherRuntime_IsRefusedByTheRuntime()
    {
        // The same length, another operator.
        var bytes = File.ReadAllBytes(Graph);
        var text = System.Text.Encoding.Latin1.GetString(bytes).Replace("SkipSimplifiedLayerNormalization",
            "SkipComplicatedLayerNormalizatio", StringComparison.Ordinal);
        File.WriteAllBytes(Graph, System.Text.Encoding.Latin1.GetBytes(text));
        Fails(ModelLoadFailure.RuntimeRefused, "SkipComplicatedLayerNormalizatio");
    }

    [Fact]
    public void Cache_BeyondItsBound() =>
        Fails(ModelLoadFailure.TooLarge, "lower the slots", options => options with { Slots = 8, CacheBytesMax = (8 * 256 * 512) - 1 });

    [Fact]
    public void Cache_AtItsBound_Loads()
    {
        using var model = OnnxModel.Load(Options with { Slots = 8, CacheBytesMax = 8 * 256 * 512 });
        Assert.Equal(512, model.Info.CacheBytesPerToken);
    }

    [Fact]
    public void Cache_BeyondTheMachine()
    {
        using var tiny = new TinyModel(TinyModel.Default with { ContextLength = 1 << 20 });
        Fails(ModelLoadFailure.TooLarge, "exceed the machine's", options =>
            options with { Folder = tiny.Folder, Slots = 4096, ContextLength = 1 << 20 });
    }

    [Fact]
    public void Vocabulary_OneTokenTooMany() =>
        Fails(ModelLoadFailure.VocabularyMismatch, "321 ids", options => options with { TokenizerIds = 321 });

    [Fact]
    public void Vocabulary_Equal_Loads()
    {
        using var model = OnnxModel.Load(Options with { TokenizerIds = 320 });
        Assert.Equal(320, model.Info.VocabularySize);
    }

    [Fact]
    public void Options_OutOfBounds_AreNamedTogether()
    {
        foreach (var setting in new[] { "Slots", "Threads", "Device" })
        {
            Fails(ModelLoadFailure.InvalidOptions, setting, options => options with { Slots = 0, Threads = -1, Device = "tpu" });
        }
    }

    [Theory]
    [InlineData("0,0", 0, "each core once")]
    [InlineData("0-1", 3, "Threads is 3")]
    [InlineData("9999", 0, "names core 9999")]
    [InlineData("1,", 0, "Cores")]
    [InlineData("x", 0, "Cores")]
    public void Cores_ThatCannotBe_AreRefused(string cores, int threads, string message) =>
        Fails(ModelLoadFailure.InvalidOptions, message, options => options with { Cores = cores, Threads = threads });

    /// <summary>As many threads as cores are kept to one core each: those of the pool, and the one that runs the steps.</summary>
    [Fact]
    public void Cores_KeepTheirThreads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessorCount > 1, "needs Linux and two cores");
        using var model = OnnxModel.Load(Options with { Threads = 0, Cores = "0-1" });
        string[] kept = [];
        var runner = new Thread(() =>
        {
            var batch = new Decoding.Models.ModelBatch(1, 8);
            batch.AddChunk(0, 0, [1, 2, 3], Decoding.Models.LogitsWanted.Last);
            model.Execute(batch);
            kept = [.. Directory.EnumerateDirectories("/proc/self/task").Select(CoresOf).Where(cores => cores is "0" or "1")];
        });
        runner.Start();
        runner.Join();
        Assert.Contains("0", kept);
        Assert.Contains("1", kept);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:1000")]
    [InlineData("gpu:0")]
    [InlineData("")]
    public void Device_ThatIsNoName_IsRefused(string device) =>
        Fails(ModelLoadFailure.InvalidOptions, "Device", options => options with { Device = device });

    /// <summary>Whether for want of the build or of the hardware: one typed failure that names the device, before anything of the model is
    /// kept.</summary>
    [Fact]
    public void Device_OfAHighOrdinal_IsUnavailableByName() =>
        Fails(ModelLoadFailure.DeviceUnavailable, "device cuda:999", options => options with { Device = "cuda:999" });

    [Fact]
    public void Device_ThatIsNotThere_SaysWhatToInstall()
    {
        Assert.SkipWhen(Directory.Exists("/proc/driver/nvidia"), "this machine has a GPU");
        Fails(ModelLoadFailure.DeviceUnavailable, "-p:Gpu=true", options => options with { Device = "cuda:0" });
    }

    [Fact]
    public void ContextLength_BeyondTheModel() =>
        Fails(ModelLoadFailure.InvalidOptions, "exceeds the model's 256", options => options with { ContextLength = 257 });

    [Fact]
    public void Fingerprint_ChangesWithAWeightAndNotOtherwise()
    {
        var before = ModelFingerprint.Compute(ModelFolder.Read(_tiny.Folder));
        Assert.Equal(before, ModelFingerprint.Compute(ModelFolder.Read(_tiny.Folder)));

        var data = File.ReadAllBytes(Graph + ".data");
        data[^1] ^= 1;
        File.WriteAllBytes(Graph + ".data", data);
        Assert.NotEqual(before, ModelFingerprint.Compute(ModelFolder.Read(_tiny.Folder)));
    }

    [Fact]
    public void EndTokens_AreTheFolders() => Assert.Equal([1], ModelFolder.Read(_tiny.Folder).EndTokens);

    public void Dispose() => _tiny.Dispose();

    private OnnxModelOptions Options => new() { Folder = _tiny.Folder, Id = "tiny", Threads = 1 };

    private void Fails(ModelLoadFailure failure, string message, Func<OnnxModelOptions, OnnxModelOptions>? change = null)
    {
        var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(change is null ? Options : change(Options)).Dispose());
        Assert.Equal(failure, error.Failure);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Cores that a thread may use, as the kernel lists them; empty where it has just ended.</summary>
    private static string CoresOf(string task)
    {
        try
        {
            var line = File.ReadLines(Path.Combine(task, "status")).FirstOrDefault(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
            return line?.Split(':')[1].Trim() ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Truncate(string path, int bytes)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(file.Length - bytes);
    }
}
