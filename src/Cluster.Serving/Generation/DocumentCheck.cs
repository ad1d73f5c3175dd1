using System.Buffers;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Cluster.Grammar;
using Cluster.Grammar.Validation;
using ValidationResult = Cluster.Grammar.Validation.ValidationResult;

namespace Cluster.Serving.Generation;

/// <summary>Bounds of the second reading.</summary>
public sealed record DocumentCheckOptions
{
    /// <summary>Validators kept for schemas in use.</summary>
    /// <remarks>Reading a schema again costs about as much as checking a few documents against it.</remarks>
    [Range(1, 1_000_000)]
    public int ValidatorsMax { get; init; } = 256;

    /// <summary>Text of the schemas whose validators are kept, in bytes (UTF-8).</summary>
    /// <remarks>A validator takes about fifteen times the memory of its schema's text. A schema larger than this is read again for each of its documents.</remarks>
    [Range(0, 1L << 32)]
    public long SchemaBytesMax { get; init; } = 4L << 20;
}

/// <summary>
/// Reads every finished strict document once more, with a validator that shares no code with the grammar engine. It must never find
/// anything; where it does, the document is not delivered as valid and the breach is counted.
/// </summary>
public sealed class DocumentCheck
{
    private readonly ConcurrentDictionary<string, SchemaValidator?> _validators = new(StringComparer.Ordinal);
    private readonly DocumentCheckOptions _options;
    private readonly Counter<long>? _checked;
    private readonly Counter<long>? _breaches;
    private long _schemaBytes;

    public DocumentCheck(DocumentCheckOptions options, IMeterFactory? meters = null)
    {
        _options = options;
        Meter? meter = meters?.Create("Cluster.Serving");
        _checked = meter?.CreateCounter<long>("cluster.documents.checked", "{document}", "Strict documents read a second time.");
        _breaches = meter?.CreateCounter<long>("cluster.documents.invalid", "{document}", "Strict documents that did not validate: must stay 0.");
        meter?.CreateObservableGauge("cluster.documents.validators", () => _validators.Count, "{validator}", "Validators kept for schemas in use.");
        meter?.CreateObservableGauge("cluster.documents.schemas", () => SchemaBytes, "By", "Text of the schemas whose validators are kept.");
    }

    /// <summary>Validators kept.</summary>
    internal int Validators => _validators.Count;

    /// <summary>Text of their schemas, in bytes.</summary>
    internal long SchemaBytes => Interlocked.Read(ref _schemaBytes);

    /// <summary>Collects one document as it is written.</summary>
    public Watcher Watch(GrammarSpec spec) => new(this, spec);

    /// <summary>What is wrong with the document, or null. Names the place and the keyword, never the content.</summary>
    public string? FindBreach(GrammarSpec spec, ReadOnlySpan<byte> document)
    {
        if (ValidatorOf(spec) is not { } validator) return null;
        _checked?.Add(1);

        // Alerts look for a change, so the counter must be there before the first breach.
        _breaches?.Add(0);
        ValidationResult result = validator.Validate(IsText(spec) ? JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(document)) : document);
        if (result.Outcome is not (ValidationOutcome.Invalid or ValidationOutcome.Malformed)) return null;
        _breaches?.Add(1);
        return $"The finished document does not validate ({result.Outcome}, keyword '{result.Keyword}', schema '{result.SchemaPointer}').";
    }

    /// <summary>Patterns and choices are read as schemas of one string, the text.</summary>
    private static bool IsText(GrammarSpec spec) => spec.Kind is GrammarKind.Regex or GrammarKind.Choice;

    /// <summary>Null for grammars and structural tags, of which there is no second reader, and for a schema that the second reader cannot read.</summary>
    private SchemaValidator? ValidatorOf(GrammarSpec spec)
    {
        if (_validators.TryGetValue(spec.Hash, out SchemaValidator? known)) return known;
        string? schema = spec.Kind switch
        {
            GrammarKind.JsonSchema => spec.Text,
            GrammarKind.JsonObject => """{"type":"object"}""",
            GrammarKind.Regex => $$"""{"pattern":{{JsonSerializer.Serialize($"^(?:{spec.Text})$")}}}""",
            GrammarKind.Choice => $$"""{"enum":{{spec.Text}}}""",
            _ => null,
        };
        SchemaValidator? validator = null;
        byte[] text = schema is null ? [] : Encoding.UTF8.GetBytes(schema);
        if (schema is not null) SchemaValidator.TryCreate(text, new ValidatorOptions { Format = spec.Options.Format }, out validator, out _);
        if (text.Length > _options.SchemaBytesMax) return validator;

        // Dropping all is crude, and right: it is rare, and rebuilding one validator is cheap.
        if (Interlocked.Add(ref _schemaBytes, text.Length) > _options.SchemaBytesMax || _validators.Count >= _options.ValidatorsMax)
        {
            _validators.Clear();
            Interlocked.Exchange(ref _schemaBytes, text.Length);
        }
        return _validators[spec.Hash] = validator;
    }

    /// <summary>One document on its way; hold it until the end, then ask.</summary>
    public sealed class Watcher(DocumentCheck owner, GrammarSpec spec)
    {
        private readonly ArrayBufferWriter<byte> _document = new(256);

        public void Append(string text) => Encoding.UTF8.GetBytes(text, _document);

        /// <summary>What is wrong with the whole document, or null.</summary>
        public string? FindBreach() => owner.FindBreach(spec, _document.WrittenSpan);
    }
}
