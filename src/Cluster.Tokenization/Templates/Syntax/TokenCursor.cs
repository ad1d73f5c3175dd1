namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>A place in a template's tokens, with the questions that both parsers ask.</summary>
internal sealed class TokenCursor(IReadOnlyList<TemplateToken> tokens, int depthMax)
{
    private static readonly TemplateToken End = new(TemplateTokenKind.End, "");

    private int _position;
    private int _depth;

    public bool AtEnd => _position >= tokens.Count;

    public TemplateToken Current => Peek(0);

    public TemplateToken Peek(int ahead) => _position + ahead < tokens.Count ? tokens[_position + ahead] : End;

    public TemplateToken Next()
    {
        TemplateToken token = Current;
        _position++;
        return token;
    }

    public bool Is(TemplateTokenKind kind) => Current.Kind == kind;

    public bool IsWord(string word, int ahead = 0) => Peek(ahead).Kind == TemplateTokenKind.Identifier && Peek(ahead).Value == word;

    public bool Skip(TemplateTokenKind kind)
    {
        if (!Is(kind)) return false;
        _position++;
        return true;
    }

    public bool SkipWord(string word)
    {
        if (!IsWord(word)) return false;
        _position++;
        return true;
    }

    public TemplateToken Expect(TemplateTokenKind kind) =>
        Is(kind) ? Next() : throw TemplateException.Syntax($"expected {kind}, found {Current.Kind} '{Current.Value}' (token {_position})");

    /// <summary>The cursor stands on {% and one of <paramref name="names"/>.</summary>
    public bool AtStatement(params ReadOnlySpan<string> names)
    {
        if (!Is(TemplateTokenKind.OpenStatement) || Peek(1).Kind != TemplateTokenKind.Identifier) return false;
        foreach (string name in names)
        {
            if (Peek(1).Value == name) return true;
        }
        return false;
    }

    /// <summary>Consumes {% name %}.</summary>
    public void ExpectStatement(string name)
    {
        Expect(TemplateTokenKind.OpenStatement);
        if (!SkipWord(name)) throw TemplateException.Syntax($"expected {name}, found '{Current.Value}'");
        Expect(TemplateTokenKind.CloseStatement);
    }

    public void Enter()
    {
        if (++_depth > depthMax) throw TemplateException.Limit(nameof(TemplateOptions.DepthMax));
    }

    public void Leave() => _depth--;
}
