using System.Text.Json;
using Cluster.Tokenization.Templates;

namespace Cluster.Tokenization.Tests.Templates;

public sealed class ChatTemplateTests
{
    private static readonly JsonElement Messages = JsonElement.Parse("""[{"role":"user","content":"Hi"}]""");

    private static string Render(string source, TemplateOptions? options = null) =>
        new ChatTemplate(source, new Dictionary<string, string> { ["bos_token"] = "<s>" }, new FixedTime(), options).Render(Messages);

    [Theory]
    [InlineData("{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m['content'] }}{% endfor %}{% if add_generation_prompt %}>{% endif %}", "<s>[user]Hi>")]
    [InlineData("{{ tools is none }}|{{ nothing is defined }}|{{ messages | tojson }}", "true|false|[{\"role\": \"user\", \"content\": \"Hi\"}]")]
    [InlineData("{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6")]
    [InlineData("{% macro f(a, b=2) %}{{ a + b }}{% endmacro %}{{ f(1) }} {{ f(1, b=5) }}", "3 6")]
    [InlineData("{{ strftime_now('%d %b %Y %H:%M') }}", "26 Jul 2024 09:05")]
    [InlineData("{{ 'a-b-c'.split('-')[1:] | join('+') }}", "b+c")]
    public void Render_Construct_Works(string source, string expected) => Assert.Equal(expected, Render(source));

    [Fact]
    public void Render_RaiseException_IsRaised()
    {
        var error = Assert.Throws<TemplateException>(() => Render("{{ raise_exception('roles must alternate') }}"));
        Assert.Equal(TemplateError.Raised, error.Error);
        Assert.Equal("roles must alternate", error.Message);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2024, 7, 26, 9, 5, 0, TimeSpan.Zero);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
