using System.Text.Json;
using Cluster.Tokenization.Templates;

namespace Cluster.Tokenization.Tests.Templates;

/// <summary>Rendered text against npm @huggingface/jinja, case by case; where it fails, so must we.</summary>
public sealed class GoldenTests
{
    private static readonly string Data = Path.Combine(Repository.Root ?? "", "tests", "Tokenization.Tests", "Templates", "data");

    [Fact]
    public void Render_Constructs_EqualTheReference()
    {
        JsonElement file = JsonElement.Parse(File.ReadAllBytes(Path.Combine(Data, "constructs.json")));
        JsonElement variables = file.GetProperty("variables");
        Compare("constructs", [.. file.GetProperty("templates").EnumerateArray().Select(template => new Case(template.GetString()!, variables))]);
    }

    /// <summary>Each family's template on each conversation, with and without tools, opening the assistant's turn and not.</summary>
    [Fact]
    public void Render_Families_EqualTheReference()
    {
        JsonElement conversations = JsonElement.Parse(File.ReadAllBytes(Path.Combine(Data, "conversations.json")));
        string[] templates = [.. Directory.GetFiles(Data, "*.jinja").Order(StringComparer.Ordinal).Select(File.ReadAllText)];
        var cases = new List<Case>();
        foreach (string template in templates)
        {
            foreach (JsonElement messages in conversations.GetProperty("messages").EnumerateArray())
            {
                foreach (JsonElement variables in conversations.GetProperty("variables").EnumerateArray())
                {
                    var all = new Dictionary<string, JsonElement> { ["messages"] = messages };
                    foreach (JsonProperty property in variables.EnumerateObject()) all[property.Name] = property.Value;
                    cases.Add(new Case(template, JsonSerializer.SerializeToElement(all)));
                }
            }
        }
        Compare("families", cases);
        // More cases than are kept here, such as published templates: a file of [{ "template", "variables" }].
        if (Environment.GetEnvironmentVariable("CLUSTER_TEMPLATE_CASES") is { Length: > 0 } file) Compare(Path.GetFileName(file), Cases(file), strict: false);
    }

    private static List<Case> Cases(string file) =>
        [.. JsonElement.Parse(File.ReadAllBytes(file)).EnumerateArray().Select(item => new Case(item.GetProperty("template").GetString()!, item.GetProperty("variables")))];

    /// <param name="strict">What fails there must fail here; otherwise we may know more filters.</param>
    private static void Compare(string name, List<Case> cases, bool strict = true)
    {
        JsonElement[] answers = [.. NodeReference.Run("render.mjs", (object)cases.Select(item => new { template = item.Template, variables = item.Variables }).ToArray()).EnumerateArray()];
        int different = 0, errors = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            string? expected = answers[i].TryGetProperty("text", out JsonElement text) ? text.GetString() : null;
            string? actual = null, error = null;
            try
            {
                actual = new ChatTemplate(cases[i].Template, new Dictionary<string, string>(), TimeProvider.System).RenderVariables(cases[i].Variables);
            }
            catch (TemplateException e)
            {
                error = e.Message;
            }
            if (expected is null) errors++;
            if (actual == expected || (!strict && expected is null)) continue;
            if (++different <= 10) Report(name, i, cases[i].Template, actual ?? error ?? "", expected ?? answers[i].ToString());
        }
        Console.WriteLine($"{name}: {cases.Count} renderings ({errors} that fail in both), {different} differences");
        Assert.Equal(0, different);
    }

    private static void Report(string name, int index, string template, string ours, string theirs)
    {
        int same = ours.Zip(theirs).TakeWhile(pair => pair.First == pair.Second).Count();
        int from = Math.Max(same - 60, 0);
        Console.WriteLine($"{name} {index}: {template[..Math.Min(template.Length, 160)]}\n  ours   …{ours[from..Math.Min(ours.Length, same + 100)]}\n  theirs …{theirs[from..Math.Min(theirs.Length, same + 100)]}");
    }

    private sealed record Case(string Template, JsonElement Variables);
}
