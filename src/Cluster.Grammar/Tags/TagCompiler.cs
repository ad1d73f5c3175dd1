using System.Text.Json;

namespace Cluster.Grammar.Tags;

/// <summary>Compiles structural tags: the JSON around, and every content with the compiler of its kind.</summary>
internal static class TagCompiler
{
    /// <summary>Nesting of the JSON of a structural tag, schemas included.</summary>
    private const int JsonDepthMax = 1_024;

    private static TagProgram Read(string text, Func<GrammarKind, string, string, CompiledGrammar> compile)
    {
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonDepthMax });
        return new TagReader(compile).Read(document.RootElement);
    }

    /// <summary>The tables of a tag are those of its contents, which begin anew with it; what the tag adds is bounded by itself.</summary>
    private static Func<GrammarTables> TablesOf(TagProgram program)
    {
        CompiledGrammar[] contents = [.. program.Segments.Select(static x => x.Content).OfType<CompiledGrammar>().Distinct()];
        bool isFirst = true;
        return () =>
        {
            if (!isFirst) Array.ForEach(contents, static x => x.Renew());
            isFirst = false;
            return new GrammarTables(x => new TagEngine(program, x), () => contents.Sum(static x => x.TableBytes), contents);
        };
    }

    public static CompileResult Compile(GrammarSpec spec, Func<GrammarSpec, CompileResult> compile)
    {
        var keywords = new List<KeywordEntry>();
        var leftOut = new List<SchemaRejection>();
        var known = new Dictionary<(GrammarKind, string), CompiledGrammar>();
        (long fuel, int states, long bytes) = (0, 0, spec.Text.Length * 2L);

        CompiledGrammar CompileContent(GrammarKind kind, string text, string pointer)
        {
            if (known.TryGetValue((kind, text), out CompiledGrammar? same)) return same;
            CompileResult result = compile(new GrammarSpec(kind, text, spec.Options));
            SchemaRejection[] rejections = [.. result.Rejections.Select(x => x with { JsonPointer = pointer + x.JsonPointer })];
            if (result.Grammar is null) throw new TagRefusalException(rejections);
            leftOut.AddRange(rejections);
            keywords.AddRange(result.Grammar.Report.Keywords.Select(x => x with { JsonPointer = pointer + x.JsonPointer }));
            fuel += result.Grammar.Report.Fuel;
            states += result.Grammar.Report.States;
            bytes += result.Grammar.Report.Bytes;
            if (fuel > spec.Options.CompileFuel)
            {
                throw new TagRefusalException([new SchemaRejection(SchemaRejectionKind.TooLarge, pointer, "",
                    $"Compiling the contents of the structural tag took more than {spec.Options.CompileFuel} operations.") { FuelSpent = fuel }]);
            }
            return known[(kind, text)] = result.Grammar;
        }

        try
        {
            TagProgram program = Read(spec.Text, CompileContent);
            int[] after = program.CostsAfter(static x => x.Length, static x => x.Content!.Report.FewestBytes);
            int fewest = program.Start.Min(x => TagProgram.CostOf(x, after, static y => y.Length, static y => y.Content!.Report.FewestBytes));
            var report = new GrammarReport
            {
                Keywords = [.. keywords],
                Fuel = fuel,
                States = states + program.Segments.Length,
                Bytes = bytes + program.Segments.Sum(static x => 256L + x.Text.Length + (x.Triggers?.StateCount ?? 0) * 1_100L),
                FewestBytes = fewest,
            };
            return new CompileResult(new CompiledGrammar(spec, report, TablesOf(program)), leftOut);
        }
        catch (JsonException exception)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.Malformed, "", "",
                $"The structural tag is not JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).")]);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // What the JSON reader throws where a text, or a name in it, is not Unicode.
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.Malformed, "", "", "The structural tag holds a lone surrogate.")]);
        }
        catch (TagRefusalException refusal)
        {
            return new CompileResult(null, refusal.Rejections);
        }
    }
}
