using System.Collections.Immutable;

namespace Cluster.Grammar.Validation;

/// <summary>Why a schema cannot be read.</summary>
/// <param name="JsonPointer">Where in the schema (RFC 6901; empty is the root).</param>
/// <param name="Keyword">The keyword concerned, or empty.</param>
/// <param name="Message">One sentence.</param>
public sealed record SchemaError(string JsonPointer, string Keyword, string Message);

/// <summary>How documents are checked; part of a validator's identity.</summary>
public sealed record ValidatorOptions
{
    /// <summary>Whether <c>format</c> can fail a document. Formats that are not known never do.</summary>
    public FormatMode Format { get; init; } = FormatMode.Assert;

    /// <summary>Schemas that <c>$ref</c> may name, by absolute URI. Nothing is ever fetched; the published meta-schemas are always known.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Documents { get; init; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>A document with the same key twice in one object is <see cref="ValidationOutcome.Malformed"/>; else the last value counts.</summary>
    public bool RejectsDuplicateKeys { get; init; } = true;

    /// <summary>Deepest nesting of a document, and deepest chain of schemas that are open at once. Unit: levels; 1 to 100,000.</summary>
    public int DepthMax { get; init; } = 10_000;

    /// <summary>Work that one document may cost: keywords tried and pattern positions visited. At least 1.</summary>
    public long StepsMax { get; init; } = 50_000_000;
}

/// <summary>What a validation came to.</summary>
public enum ValidationOutcome
{
    /// <summary>The document satisfies the schema.</summary>
    Valid,

    /// <summary>It is JSON and does not satisfy the schema.</summary>
    Invalid,

    /// <summary>It is not one JSON text, has a broken string, or repeats a key.</summary>
    Malformed,

    /// <summary>No verdict: <see cref="ValidatorOptions.StepsMax"/> is used up.</summary>
    TimedOut,

    /// <summary>No verdict: <see cref="ValidatorOptions.DepthMax"/> is passed, as by a <c>$ref</c> that leads back to itself.</summary>
    TooDeep,
}

/// <param name="Outcome">The verdict.</param>
/// <param name="JsonPointer">The first failing value in the document; empty is the whole document.</param>
/// <param name="Keyword">The keyword that failed it; empty unless <see cref="ValidationOutcome.Invalid"/>.</param>
/// <param name="SchemaPointer">Where the keyword's schema stands, in its own document.</param>
/// <param name="Message">One sentence; empty if valid. Quotes no content of the document but keys.</param>
public sealed record ValidationResult(ValidationOutcome Outcome, string JsonPointer, string Keyword, string SchemaPointer, string Message)
{
    public bool IsValid => Outcome == ValidationOutcome.Valid;
}

/// <summary>
/// The second reader: a JSON Schema validator (drafts 04 to 2020-12 by <c>$schema</c>, else 2020-12) that shares no code and no idea
/// with the engine whose output it checks. It reads a finished document as a value and tries every keyword on it, one by one.
/// </summary>
/// <remarks>
/// <para>Use: create once for each schema and options, keep, call <see cref="Validate"/> from any number of threads. Creating costs about
/// as much as a few validations; nothing is cached between instances. Never throws on input.</para>
/// <para>It judges values, not spellings: property order, white space, number forms and the caps on digits and depth are the engine's
/// options and are not looked at here.</para>
/// </remarks>
public sealed class SchemaValidator
{
    // Ordinary documents fit the caller's stack; deeper ones get a thread with room for every level that the options allow.
    private const int BytesPerLevel = 2048;
    private const int ShallowDepth = 128;

    private static readonly ValidationResult ValidResult = new(ValidationOutcome.Valid, "", "", "", "");

    private readonly SchemaNode _root;
    private readonly ValidatorOptions _options;

    private SchemaValidator(SchemaNode root, ValidatorOptions options)
    {
        _root = root;
        _options = options;
    }

    /// <summary>Reads a schema.</summary>
    /// <param name="schemaUtf8">The schema's JSON text.</param>
    /// <param name="validator">The validator; null if the schema cannot be read.</param>
    /// <param name="error">Why not; null if it can.</param>
    public static bool TryCreate(ReadOnlySpan<byte> schemaUtf8, ValidatorOptions options, out SchemaValidator? validator, out SchemaError? error)
    {
        (validator, error) = (null, null);
        if (!JsonTreeReader.TryRead(schemaUtf8, SchemaRegistry.SchemaDepthMax, rejectsDuplicates: false, out var schema, out string reason))
        {
            error = new SchemaError("", "", reason);
            return false;
        }
        try
        {
            var registry = new SchemaRegistry(options.Documents);
            registry.Add(schema, SchemaRegistry.UnnamedBase);
            validator = new SchemaValidator(new SchemaBuilder(registry, options).Build(schema), options);
            return true;
        }
        catch (SchemaException failure)
        {
            error = failure.Error;
        }
        catch (LimitException)
        {
            error = new SchemaError("", "", "The schema is nested too deeply.");
        }
        return false;
    }

    /// <summary>Whether a whole document satisfies the schema. Thread-safe.</summary>
    public ValidationResult Validate(ReadOnlySpan<byte> documentUtf8)
    {
        if (!JsonTreeReader.TryRead(documentUtf8, _options.DepthMax, _options.RejectsDuplicateKeys, out var document, out string reason))
        {
            return new ValidationResult(ValidationOutcome.Malformed, "", "", "", reason);
        }
        var result = Judge(document, Math.Min(ShallowDepth * 8, _options.DepthMax));
        if (result.Outcome != ValidationOutcome.TooDeep) return result;

        var thread = new Thread(() => result = Judge(document, _options.DepthMax), Math.Max(1 << 20, _options.DepthMax * BytesPerLevel));
        thread.Start();
        thread.Join();
        return result;
    }

    private ValidationResult Judge(JsonValue document, int depthMax)
    {
        var run = new Evaluation(depthMax, _options.StepsMax);
        try
        {
            if (run.Holds(_root, document, into: null)) return ValidResult;
        }
        catch (LimitException limit)
        {
            string bound = limit.Outcome == ValidationOutcome.TooDeep ? $"{depthMax} levels" : $"{_options.StepsMax} steps";
            return new ValidationResult(limit.Outcome, "", "", "", $"No verdict within {bound}.");
        }
        var failed = run.FailedKeyword!;
        return new ValidationResult(
            ValidationOutcome.Invalid,
            ValuePath.Of(document, run.FailedValue!),
            failed.Name,
            failed.SchemaPointer,
            $"'{failed.Name}' of the schema at '{failed.SchemaPointer}' does not hold.");
    }
}
