using System.Reflection;
using Cluster.Decoding;
using Cluster.Serving.Fleet;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Cluster.Grains.Tests;

/// <summary>
/// What silos of two adjacent versions say to each other during a rolling upgrade. The file beside this test is the contract: lines are added by a
/// change that adds a member or a method, and never changed or taken out, so that either version understands what it knows of the other's messages.
/// </summary>
public sealed class WireContractTests
{
    [Fact]
    public void Contract_OfThisVersion_KeepsEveryLineOfTheOneBefore()
    {
        string[] before = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "wire-contract.txt"));
        string[] now = [.. Contract().Order(StringComparer.Ordinal)];

        string[] lost = [.. before.Except(now)], added = [.. now.Except(before)];

        Assert.True(lost.Length == 0, $"A silo of the version before would not understand this one; these must stay:\n{string.Join('\n', lost)}");
        Assert.True(added.Length == 0, $"New in this version; add to tests/Grains.Tests/wire-contract.txt:\n{string.Join('\n', added)}");
    }

    /// <summary>Messages as a silo of the first version wrote them.</summary>
    [Theory]
    [InlineData("journal", JournalBytes)]
    [InlineData("delta", DeltaBytes)]
    [InlineData("report", ReportBytes)]
    [InlineData("table", TableBytes)]
    public void Message_WrittenByAnEarlierVersion_IsRead(string name, string bytes)
    {
        using ServiceProvider services = new ServiceCollection().AddSerializer(serializer => serializer.AddAssembly(typeof(IModelGrain).Assembly)).BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();

        object expected = Samples()[name];
        object read = serializer.Deserialize<object>(Convert.FromBase64String(bytes))!;

        Assert.Equivalent(expected, read, strict: true);
        Assert.Equivalent(expected, serializer.Deserialize<object>(serializer.SerializeToArray<object>(expected)), strict: true);
    }

    private static Dictionary<string, object> Samples() => new()
    {
        ["journal"] = new SequenceJournal
        {
            RequestId = "r", Choice = 1, Attempt = 2, PromptTokens = [5, 6], EmittedTokens = [7], TokensMax = 9, Fingerprint = "f", GrammarBestEffort = true,
            Grammar = new(Grammar.GrammarKind.JsonSchema, "{}", new() { MaskFuel = 20_000_000 }), Sampling = new SamplingOptions { Temperature = .5f, Seed = 3, LogitBias = [KeyValuePair.Create(4, -1.5f)] },
        },
        ["delta"] = new SequenceDelta
        {
            RequestId = "r", Choice = 1, Attempt = 2, Position = 8, Tokens = [1, 2], Finish = FinishReason.Failed,
            Error = new SequenceError(SequenceErrorKind.Draining, "bye"), Logprobs = [new TokenLogprob(1, -.5f, [KeyValuePair.Create(2, -.7f)])],
        },
        ["report"] = new SiloReport { Silo = "s", Models = ["m"], FreeDevices = 2, Draining = true, Replicas = [new() { Id = "m/0", ModelId = "m", Silo = "s", OutstandingTokens = 4 }] },
        ["table"] = new RoutingTable("m", 3, 4, [new() { Id = "m/0", ModelId = "m", Silo = "s", Health = Serving.ReplicaHealth.Ready }]),
    };

    private static IEnumerable<string> Contract()
    {
        foreach (Type type in typeof(IModelGrain).Assembly.GetTypes())
        {
            if (type.GetCustomAttribute<AliasAttribute>() is not { } alias) continue;
            const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            if (type.IsInterface)
            {
                foreach (MethodInfo method in type.GetMethods())
                    yield return $"{alias.Alias}.{method.GetCustomAttribute<AliasAttribute>()?.Alias ?? "?"}({string.Join(", ", method.GetParameters().Select(one => NameOf(one.ParameterType)))}) {NameOf(method.ReturnType)}";
            }
            foreach (MemberInfo member in type.GetMembers(Own))
            {
                if (member.GetCustomAttribute<IdAttribute>() is { } id)
                    yield return $"{alias.Alias}#{id.Id} {NameOf(member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType)}";
            }
        }
    }

    private static string NameOf(Type type) => type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GenericTypeArguments.Select(NameOf))}>" : type.Name;

    private const string JournalBytes = "MAHXc9arY0NsdXN0ZXIuRGVjb2RpbmcuU2VxdWVuY2VKb3VybmFsLENsdXN0ZXIuRGVjb2RpbmdAA3IBBQEJIQAFARUAGeAhAAMBHeAhYAAAAD9hAACAPwEBYQAAAABhAAAAAGEAAAAAYQAAgD8hAAMBEeAhAANhAADAv+ABB8EBAQEh4AEB4CEAAUEFe30BAQEBAQkBAQECAgGhAQIQYYCEHgBhAC0xAQEB4AEDASVBA2YBAcEB4A==";
    private const string DeltaBytes = "MAGWrA6OX0NsdXN0ZXIuRGVjb2RpbmcuU2VxdWVuY2VEZWx0YSxDbHVzdGVyLkRlY29kaW5nQANyAQUBCQEhIQAFAQUACeAhAAMhAAVhAAAAvyEAAwEJ4CEAA2EzMzO/4ODgAREBDUEHYnllAQEBAcEBwQHg";
    private const string ReportBytes = "MAGAZZ38YUNsdXN0ZXIuU2VydmluZy5GbGVldC5TaWxvUmVwb3J0LENsdXN0ZXIuU2VydmluZ0ADcyEAA0EDbeABCQEDIQADIUAHbS8wwQtBB2NwdcEFAQEBAQEBAREBAQEBQQEBAQEBAQEBAcEr4ODg";
    private const string TableBytes = "MAE/edvjZUNsdXN0ZXIuU2VydmluZy5GbGVldC5Sb3V0aW5nVGFibGUsQ2x1c3Rlci5TZXJ2aW5nQANtAQ0BESEAAyFAB20vMMEFQQdjcHVBA3MBBQEBAQEBAQEBAQFBAQEBAQEBAQEBwSXg4OA=";
}
