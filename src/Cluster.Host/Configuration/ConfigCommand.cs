using Cluster.Host.Models;
using Cluster.Onnx;
using Cluster.Onnx.Folders;
using Cluster.Serving;

namespace Cluster.Host.Configuration;

/// <summary>
/// <c>config check</c>: reads everything that a start would read, loads no weights, and lists what is wrong. <c>config show</c>: every setting and where it comes
/// from. <c>config schema settings|models</c>: the JSON schemas. <c>fingerprint FOLDER [GRAPH]</c>: what a model's <c>fingerprint</c> is to be.
/// </summary>
public static class ConfigCommand
{
    public const string Name = "config";
    public const string FingerprintName = "fingerprint";

    /// <returns>0; 2 where there are faults or the command is none.</returns>
    /// <exception cref="ConfigurationException">Lists every fault.</exception>
    public static int Run(string[] args)
    {
        switch (args)
        {
            case [Name, "check", .. var rest]:
                Check(rest);
                return 0;
            case [Name, "show", .. var rest]:
                Show(rest);
                return 0;
            case [Name, "schema", "settings"]:
                Console.Write(SettingsSchema.OfSettings());
                return 0;
            case [Name, "schema", "models"]:
                Console.Write(SettingsSchema.OfModels());
                return 0;
            case [FingerprintName, var folder, .. var graph]:
                Console.WriteLine(Fingerprint(folder, graph.FirstOrDefault() ?? ""));
                return 0;
            default:
                Console.Error.WriteLine("usage: config check|show [--Section:Name value …], config schema settings|models, fingerprint FOLDER [GRAPH]");
                return 2;
        }
    }

    private static void Check(string[] args)
    {
        string folder = ConfigDirectory.Find();
        IConfigurationRoot configuration = HostSettings.Read(args, folder);
        IReadOnlyList<ModelConfig> models = Startup.Validate(configuration, folder);
        var faults = new List<string>();
        foreach (ModelConfig model in models)
        {
            try
            {
                ServedModel served = ServedModelLoader.Load(model, TimeProvider.System);
                Console.WriteLine($"model {model.Id}: context {served.ContextLength}, vocabulary {served.Tokenizer.Vocabulary.Size}, {model.Replicas} × {model.Slots} slots on {model.Device}");
            }
            catch (ConfigurationException exception)
            {
                faults.Add(exception.Message);
            }
        }
        if (faults.Count > 0) throw new ConfigurationException(faults);
        Console.WriteLine($"{folder}: no fault in {SettingsTree.Sections.Count} sections and {models.Count} models");
    }

    private static void Show(string[] args)
    {
        foreach (EffectiveSetting setting in EffectiveSettings.Of(HostSettings.Read(args, ConfigDirectory.Find())))
            Console.WriteLine($"{setting.Path} = {setting.Value}{(setting.Source.Length > 0 ? $"  ({setting.Source})" : "")}");
    }

    private static string Fingerprint(string folder, string graph)
    {
        try
        {
            return ModelFingerprint.Compute(ModelFolder.Read(folder, graph));
        }
        catch (Exception exception) when (exception is ModelLoadException or IOException)
        {
            throw new ConfigurationException(exception.Message);
        }
    }
}
