using Cluster.Serving;

namespace Cluster.Dashboard.Pages;

/// <summary>A prompt, a schema, and the tokens as they come.</summary>
internal static class PlaygroundPage
{
    public static string Render(IReadOnlyList<ServedModel> models) => Html.Page("Playground", "/admin/playground", $$"""
        <form id="playground">
        <div class="row">
        <label>Example <select name="example"></select></label>
        <label>Model <select name="model">{{string.Concat(models.Select(model => $"<option data-vocabulary=\"{model.Tokenizer.Vocabulary.Size}\">{Html.Text(model.Id)}</option>"))}}</select></label>
        <label>Temperature <input name="temperature" type="number" min="0" max="2" step="0.1" value="0"></label>
        <label>Most tokens <input name="tokens" type="number" min="1" value="200"></label>
        </div>
        <label>Prompt <textarea name="prompt" rows="4" required></textarea></label>
        <label>JSON Schema (empty for free text) <textarea name="schema" rows="12" spellcheck="false"></textarea></label>
        <button type="submit">Send</button> <button type="button" name="stop" disabled>Stop</button>
        </form>
        <h2>Answer</h2>
        <pre id="answer" tabindex="0" aria-live="polite"></pre>
        <p id="outcome" role="status"></p>
        <section id="steps" aria-labelledby="steps-title" hidden>
        <h2 id="steps-title">Steps</h2>
        <p id="steps-summary"></p>
        <div class="scroll" tabindex="0" role="region" aria-label="Steps table"><table><thead><tr><th scope="col" class="n">Step</th><th scope="col">Token</th><th scope="col" class="n">Allowed tokens</th><th scope="col">Choice</th></tr></thead><tbody></tbody></table></div>
        </section>
        """);
}
