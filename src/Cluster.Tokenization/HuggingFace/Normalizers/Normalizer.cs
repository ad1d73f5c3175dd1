using System.Text;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace.Normalizers;

/// <summary>Rewrites text before it is split. Pure functions of the text; each stands for one "type" of tokenizer.json.</summary>
internal abstract class Normalizer
{
    public abstract string Apply(string text);

    public sealed class Chain(IReadOnlyList<Normalizer> steps) : Normalizer
    {
        public override string Apply(string text)
        {
            foreach (Normalizer step in steps) text = step.Apply(text);
            return text;
        }
    }

    public sealed class Unicode(bool compose, bool compatible) : Normalizer
    {
        public override string Apply(string text) => UnicodeForm.Apply(text, compose, compatible);
    }

    public sealed class Lowercase : Normalizer
    {
        public override string Apply(string text) => LowercaseText.Apply(text);
    }

    public sealed class Prepend(string prefix) : Normalizer
    {
        public override string Apply(string text) => text.Length == 0 ? text : prefix + text;
    }

    public sealed class ReplaceString(string pattern, string content) : Normalizer
    {
        public override string Apply(string text) => pattern.Length == 0 ? text : text.Replace(pattern, content, StringComparison.Ordinal);
    }

    public sealed class ReplacePattern(Pattern pattern, string content) : Normalizer
    {
        public override string Apply(string text)
        {
            StringBuilder? result = null;
            int copied = 0;
            for (int from = 0; from <= text.Length;)
            {
                (int start, int end) = pattern.Find(text, from);
                if (start < 0) break;
                (result ??= new StringBuilder()).Append(text, copied, start - copied).Append(content);
                copied = end;
                from = end > start ? end : end + 1;
            }
            return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
        }
    }

    public sealed class Strip(bool left, bool right) : Normalizer
    {
        public override string Apply(string text)
        {
            if (left) text = text.TrimStart();
            return right ? text.TrimEnd() : text;
        }
    }

    /// <summary>Drops every character of the categories M*.</summary>
    public sealed class StripAccents : Normalizer
    {
        public override string Apply(string text) => Filter(text, point =>
            CodePoints.Category(point) is System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.SpacingCombiningMark or System.Globalization.UnicodeCategory.EnclosingMark);
    }

    /// <summary>What OpenAI's Whisper and newer vocabularies do early: the byte-level alphabet instead of the text.</summary>
    public sealed class ByteLevel : Normalizer
    {
        public override string Apply(string text) =>
            string.Create(Encoding.UTF8.GetByteCount(text), text, static (chars, from) =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(from);
                for (int i = 0; i < bytes.Length; i++) chars[i] = ByteLevelAlphabet.ToChar(bytes[i]);
            });
    }

    internal static string Filter(string text, Func<int, bool> drop)
    {
        StringBuilder? result = null;
        for (int i = 0, length; i < text.Length; i += length)
        {
            int point = CodePoints.At(text, i, out length);
            if (drop(point)) result ??= new StringBuilder().Append(text, 0, i);
            else result?.Append(text, i, length);
        }
        return result?.ToString() ?? text;
    }
}
