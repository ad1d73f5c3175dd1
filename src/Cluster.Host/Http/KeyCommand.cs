using System.Text.Json;
using Cluster.OpenAI.Access;

namespace Cluster.Host.Http;

/// <summary><c>Cluster.Host keys new ID</c>: makes a key, prints it once, and what to put into the configuration.</summary>
public static class KeyCommand
{
    public const string Name = "keys";

    public static int Run(ReadOnlySpan<string> args)
    {
        if (args is not ["new", var id])
        {
            Console.Error.WriteLine("usage: keys new ID");
            return 2;
        }
        string key = ApiKey.Create();
        Console.WriteLine($"the key, shown only now:      {key}");
        Console.WriteLine($$"""into Access:Keys or its file: {"id": {{JsonSerializer.Serialize(id)}}, "hash": "{{ApiKey.HashOf(key)}}"}""");
        return 0;
    }
}
