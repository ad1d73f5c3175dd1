using System.Text.Json;
using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Tokenization;
using Microsoft.AspNetCore.Http;

namespace Cluster.Dashboard;

/// <summary>What the schema left of the vocabulary at one step.</summary>
/// <param name="Allowed">Tokens that the mask allowed, ends of the sequence among them.</param>
/// <param name="IsForced">It was the only one.</param>
public sealed record PlaygroundStep(int Allowed, bool IsForced);

/// <summary>
/// <c>POST /admin/playground/steps</c> with <c>{"request": …, "tokens": [[bytes…], …]}</c>: walks the tokens of an answer through the request's own grammar again and counts what was
/// allowed at each. The masks are those of the decode loop; what the token budget narrowed them by is left out.
/// </summary>
internal static class PlaygroundSteps
{
    private const int TokensMax = 4096;

    public static async Task<IResult> HandleAsync(
        HttpContext http, JsonElement body, ChatCompletionsEndpoint endpoint, RequestPipeline pipeline, IModelCatalogue catalogue)
    {
        if (!body.TryGetProperty("request", out JsonElement request) || !body.TryGetProperty("tokens", out JsonElement tokens) || tokens.ValueKind != JsonValueKind.Array) return Results.BadRequest();
        IRequestFormat format = endpoint.Read(request);
        GenerationRequest generation = format.ToGeneration(http.TraceIdentifier, new RequestOwner(http.Caller().Id, http.Caller().Weight), catalogue.Find(format.Model));
        PrepareResult prepared = await pipeline.PrepareAsync(generation, http.RequestAborted).ConfigureAwait(false);
        if (prepared.Prepared is not { Grammar: { } grammar } found) return Results.Json(Array.Empty<PlaygroundStep>());
        byte[][] texts = [.. tokens.EnumerateArray().Take(TokensMax).Select(token => token.EnumerateArray().Select(value => value.GetByte()).ToArray())];
        return Results.Json(Walk(grammar, found.Model.Tokenizer.Vocabulary, texts));
    }

    /// <summary>One entry a token; shorter where a token is not in the grammar.</summary>
    public static IReadOnlyList<PlaygroundStep> Walk(CompiledGrammar grammar, Vocabulary vocabulary, IReadOnlyList<byte[]> tokens)
    {
        var steps = new List<PlaygroundStep>();
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, vocabulary);
        foreach (byte[] text in tokens)
        {
            TokenMask mask = matcher.GetMask();
            int allowed = 0;
            int chosen = -1;
            for (int id = 0; id < vocabulary.Size; id++)
            {
                if (!mask.Allows(id)) continue;
                allowed++;
                if (chosen < 0 && vocabulary.BytesOf(id).SequenceEqual(text)) chosen = id;
            }
            if (chosen < 0 || !matcher.TryAdvance(chosen, out matcher)) break;
            steps.Add(new PlaygroundStep(allowed, allowed == 1));
        }
        return steps;
    }
}
