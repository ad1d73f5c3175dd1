using System.Text.Json;
using Cluster.Tokenization.Templates;

namespace Cluster.Tokenization.Tests.Templates;

/// <summary>Each bound at its last good value and one past it; and that nothing gets around them.</summary>
public sealed class TemplateLimitsTests
{
    private static string Render(string source, TemplateOptions options) =>
        new ChatTemplate(source, new Dictionary<string, string>(), TimeProvider.System, options).Render(JsonElement.Parse("[]"));

    private static void AssertLimit(string option, Func<string> render)
    {
        var error = Assert.Throws<TemplateException>(render);
        Assert.Equal(TemplateError.LimitExceeded, error.Error);
        Assert.Contains(option, error.Message);
    }

    [Fact]
    public void Output_AtTheLimit_IsGiven_OnePastIsRefused()
    {
        Assert.Equal(100, Render("{{ 'x' }}{% for i in range(99) %}x{% endfor %}", new TemplateOptions { OutputCharsMax = 100 }).Length);
        AssertLimit("OutputCharsMax", () => Render("{{ 'x' }}{% for i in range(100) %}x{% endfor %}", new TemplateOptions { OutputCharsMax = 100 }));
    }

    [Fact]
    public void Source_AtTheLimit_IsRead_OnePastIsRefused()
    {
        Assert.Equal("abcd", Render("abcd", new TemplateOptions { SourceCharsMax = 4 }));
        AssertLimit("SourceCharsMax", () => Render("abcde", new TemplateOptions { SourceCharsMax = 4 }));
    }

    [Fact]
    public void Steps_AtTheLimit_Suffice_OneLessDoesNot()
    {
        const string Source = "{% for i in range(50) %}{{ i }}{% endfor %}";
        int needed = Enumerable.Range(1, 10_000).First(steps =>
        {
            try
            {
                return Render(Source, new TemplateOptions { StepsMax = steps }).Length > 0;
            }
            catch (TemplateException)
            {
                return false;
            }
        });
        Assert.True(needed > 100);
        AssertLimit("StepsMax", () => Render(Source, new TemplateOptions { StepsMax = needed - 1 }));
    }

    [Fact]
    public void Depth_OfMacroCalls_IsBounded()
    {
        const string Source = "{% macro f(n) %}{% if n > 0 %}.{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(20) }}";
        Assert.Equal(20, Render(Source, new TemplateOptions { DepthMax = 200 }).Length);
        AssertLimit("DepthMax", () => Render(Source, new TemplateOptions { DepthMax = 60 }));
        AssertLimit("DepthMax", () => Render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", new TemplateOptions { DepthMax = 2000 }));
    }

    [Theory]
    [InlineData("((", "1", "))", 100)]
    [InlineData("[", "", "]", 300)]
    [InlineData("not ", "1", "", 600)]
    [InlineData("- ", "1", "", 600)]
    [InlineData("1 if 1 else ", "1", "", 600)]
    public void Depth_OfExpressions_IsBounded(string open, string inner, string close, int times)
    {
        string source = "{{ " + string.Concat(Enumerable.Repeat(open, times)) + inner + string.Concat(Enumerable.Repeat(close, times)) + " }}";
        AssertLimit("DepthMax", () => Render(source, new TemplateOptions { DepthMax = 150 }));
    }

    [Theory]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(200) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(200) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='xx') %}{% for i in range(200) %}{% set ns.s = ns.s.replace('x', ns.s) %}{% endfor %}")]
    [InlineData("{{ 'a\\nb' | indent(2000000000, true) }}")]
    [InlineData("{{ [[[1]]] | tojson(indent=1000000000) }}")]
    [InlineData("{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(30) %}{% set ns.s = ns.s | join(ns.s) %}{% endfor %}")]
    [InlineData("{% set l = [1, 2, 3, 4, 5, 6, 7, 8, 9] %}{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}{% for e in l %}{% for f in l %}{% for g in l %}{% for h in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}")]
    public void Render_Runaway_EndsAtALimit(string source)
    {
        var error = Assert.Throws<TemplateException>(() => Render(source, new TemplateOptions { StepsMax = 1_000_000, OutputCharsMax = 1 << 20 }));
        Assert.Equal(TemplateError.LimitExceeded, error.Error);
    }

    [Theory]
    [InlineData("{% include 'x' %}", TemplateError.Syntax)]
    [InlineData("{% import 'os' as os %}", TemplateError.Syntax)]
    [InlineData("{{ messages.__class__.__mro__ }}", null)]
    [InlineData("{{ ''.__class__ }}", null)]
    [InlineData("{{ open('/etc/passwd') }}", TemplateError.Runtime)]
    [InlineData("{{ messages.append(1) }}", TemplateError.Runtime)]
    [InlineData("{% set messages.x = 1 %}", TemplateError.Runtime)]
    public void Render_WaysOut_LeadNowhere(string source, TemplateError? expected)
    {
        if (expected is null) Assert.Equal("", Render(source, TemplateOptions.Default));
        else Assert.Equal(expected, Assert.Throws<TemplateException>(() => Render(source, TemplateOptions.Default)).Error);
    }
}
