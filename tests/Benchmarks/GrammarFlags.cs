using System.CommandLine;
using Cluster.Grammar;

namespace Cluster.Benchmarks;

/// <summary>The options of the language that every command takes, with the defaults of test walks: any spelling, bounded white space.</summary>
internal sealed class GrammarFlags
{
    public Option<PropertyOrder> Order { get; } = new("--order") { Description = "schema or any", DefaultValueFactory = _ => PropertyOrder.Schema };

    public Option<Spelling> Spelling { get; } = new("--spelling") { Description = "canonical or any", DefaultValueFactory = _ => Cluster.Grammar.Spelling.Any };

    public Option<Whitespace> Whitespace { get; } = new("--whitespace")
    {
        Description = "compact, spaced, compactOrSpaced or bounded",
        DefaultValueFactory = _ => Cluster.Grammar.Whitespace.Bounded,
    };

    public Option<FormatMode> Format { get; } = new("--format") { Description = "assert or annotation", DefaultValueFactory = _ => FormatMode.Assert };

    public void AddTo(Command command)
    {
        command.Options.Add(Order);
        command.Options.Add(Spelling);
        command.Options.Add(Whitespace);
        command.Options.Add(Format);
    }

    public GrammarOptions Read(ParseResult parsed) => new()
    {
        Order = parsed.GetValue(Order),
        Spelling = parsed.GetValue(Spelling),
        Whitespace = parsed.GetValue(Whitespace),
        Format = parsed.GetValue(Format),
    };

    /// <summary>The same options as arguments for a child process.</summary>
    public static IEnumerable<string> Write(GrammarOptions options) =>
    [
        "--order", options.Order.ToString(), "--spelling", options.Spelling.ToString(), "--whitespace", options.Whitespace.ToString(),
        "--format", options.Format.ToString(),
    ];
}
