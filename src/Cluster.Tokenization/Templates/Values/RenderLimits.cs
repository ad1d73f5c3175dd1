using System.Runtime.CompilerServices;
using System.Text;

namespace Cluster.Tokenization.Templates.Values;

/// <summary>What one rendering has used up of its <see cref="TemplateOptions"/>.</summary>
internal sealed class RenderLimits(TemplateOptions options)
{
    private const int CharsPerStep = 256;

    private long _steps;
    private int _depth;

    /// <summary>One unit of work, and the handling of <paramref name="size"/> characters or items.</summary>
    public void Step(long size = 0)
    {
        _steps += 1 + size / CharsPerStep;
        if (_steps > options.StepsMax) throw TemplateException.Limit(nameof(TemplateOptions.StepsMax));
    }

    /// <summary>Work on a list: each item counts in full.</summary>
    public void StepItems(int count) => Step((long)count * CharsPerStep);

    /// <summary>Asks before a string of <paramref name="length"/> characters is made.</summary>
    public void Text(long length)
    {
        if (length > options.OutputCharsMax) throw TemplateException.Limit(nameof(TemplateOptions.OutputCharsMax));
        Step(length);
    }

    public void Enter()
    {
        if (++_depth > options.DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw TemplateException.Limit(nameof(TemplateOptions.DepthMax));
    }

    public void Leave() => _depth--;
}

/// <summary>A string builder that asks before it grows.</summary>
internal sealed class LimitedText(RenderLimits limits)
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public void Append(ReadOnlySpan<char> text)
    {
        limits.Text(_text.Length + (long)text.Length);
        _text.Append(text);
    }

    public void Append(char c, int count = 1)
    {
        limits.Text(_text.Length + (long)count);
        _text.Append(c, count);
    }

    /// <summary>Forgets what came after the first <paramref name="length"/> characters.</summary>
    public void CutTo(int length) => _text.Length = length;

    public override string ToString() => _text.ToString();
}
