using System.Text.RegularExpressions;

namespace Cluster.Host.Tests;

/// <summary>Folders with the embedded model, as it is or changed.</summary>
internal static class ModelCopies
{
    /// <summary>A copy below <paramref name="folder"/>; its path.</summary>
    public static string Make(DirectoryInfo folder, string name, Action<string>? change = null)
    {
        string source = Path.Combine(ConfigDirectory.Find(), "models", Requests.Model);
        string copy = Directory.CreateDirectory(Path.Combine(folder.FullName, name)).FullName;
        foreach (string file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        change?.Invoke(copy);
        return copy;
    }

    /// <summary>Another version: another template is another fingerprint, while the answers stay good.</summary>
    public static void ChangeTemplate(string copy)
    {
        string settings = Path.Combine(copy, "tokenizer_config.json");
        string text = File.ReadAllText(settings);
        string changed = Regex.Replace(text, "(\"chat_template\": *\")", "$1{# second #}");
        Assert.NotEqual(text, changed);
        File.WriteAllText(settings, changed);
    }
}
