using System.Globalization;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving.Generation;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Replies;

/// <summary>How constrained text ended, and what its constraint did: the block <c>structured_output</c> of a choice, the headers of a whole reply.</summary>
public sealed class StructuredOutputReport
{
    public const string StatusHeader = "x-structured-output", DetailsHeader = "x-structured-output-details";

    private readonly string _status;
    private readonly PreparedGeneration _prepared;
    private readonly ConstraintWork _work;

    private StructuredOutputReport(string status, PreparedGeneration prepared, ConstraintWork work) => (_status, _prepared, _work) = (status, prepared, work);

    /// <summary>Of one choice or of several together: closed early if any was. Null for free text.</summary>
    public static StructuredOutputReport? Of(PreparedGeneration prepared, params IEnumerable<ChoiceEnded> ends)
    {
        DocumentEnd? worst = null;
        ConstraintWork work = ConstraintWork.None;
        foreach (ChoiceEnded ended in ends.Where(ended => ended.Document is not null))
        {
            work = work.Plus(ended.Constraint);
            worst = worst is null || ended.Document > worst ? ended.Document : worst;
        }
        return worst is null ? null : new(worst == DocumentEnd.ForceClosed ? "force_closed" : "complete", prepared, work);
    }

    public void WriteHeaders(IHeaderDictionary headers)
    {
        headers[StatusHeader] = _status;
        string pressure = _work.Choices == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", pressure_mean={Rounded(_work.PressureMean!.Value)}, pressure_max={Rounded(_work.PressureMax)}");
        headers[DetailsHeader] = string.Create(CultureInfo.InvariantCulture,
            $"schema_hash={_prepared.ConstraintHash}, forced_tokens={_work.ForcedTokens}, mask_time_ms={Rounded(_work.MaskTime.TotalMilliseconds)}{pressure}");
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("structured_output");
        json.WriteString("status", _status);
        json.WriteString("schema_hash", _prepared.ConstraintHash);
        json.WriteNumber("forced_tokens", _work.ForcedTokens);
        json.WriteNumber("mask_time_ms", Rounded(_work.MaskTime.TotalMilliseconds));
        WritePressure(json);
        if (_prepared.Unenforced.Count > 0) WriteUnenforced(json);
        json.WriteEndObject();
    }

    /// <summary>Null where the model chose no token: everything was forced.</summary>
    private void WritePressure(Utf8JsonWriter json)
    {
        if (_work.PressureMean is not { } mean)
        {
            json.WriteNull("constraint_pressure");
            return;
        }
        json.WriteStartObject("constraint_pressure");
        json.WriteNumber("mean", Rounded(mean));
        json.WriteNumber("max", Rounded(_work.PressureMax));
        json.WriteEndObject();
    }

    private void WriteUnenforced(Utf8JsonWriter json)
    {
        json.WriteStartArray("unenforced");
        foreach (SchemaRejection one in _prepared.Unenforced)
        {
            json.WriteStartObject();
            json.WriteString("pointer", one.JsonPointer);
            json.WriteString("keyword", one.Keyword);
            json.WriteString("reason", one.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Six decimals: below that, float arithmetic is noise.</summary>
    private static double Rounded(double value) => Math.Round(value, 6);
}
