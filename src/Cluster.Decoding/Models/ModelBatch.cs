using System.Diagnostics;

namespace Cluster.Decoding.Models;

/// <summary>After which tokens of a row logits are needed.</summary>
public enum LogitsWanted
{
    /// <summary>None: an inner chunk of a prompt.</summary>
    None,

    /// <summary>After the last token.</summary>
    Last,

    /// <summary>After every token; only where <see cref="ModelCapabilities.LogitsAtEveryToken"/>.</summary>
    All,
}

/// <summary>One slot's share of a step.</summary>
/// <param name="Slot">Where its keys and values lie.</param>
/// <param name="Past">Positions of the slot that lie before this row's tokens; they are valid, whatever lies behind is not.</param>
/// <param name="TokensStart">Index of its first token in <see cref="ModelBatch.Tokens"/>.</param>
/// <param name="TokensCount">How many tokens; 1 in a decode row.</param>
/// <param name="Logits">After which of them logits are needed.</param>
public readonly record struct BatchRow(int Slot, int Past, int TokensStart, int TokensCount, LogitsWanted Logits);

/// <summary>
/// What one step feeds to the model: decode rows (one token each, in adjacent ascending slots unless the model takes mixed batches), then
/// chunks. Filled anew for each step, never allocated.
/// </summary>
/// <remarks>
/// A slot may have a decode row and a chunk in the same step: the decode row runs first, and the chunk's past counts its token. That is
/// how a slot in the middle of the decode range takes a forced run without leaving a hole (a parked row would write into its slot).
/// </remarks>
public sealed class ModelBatch(int rowsMax, int tokensMax)
{
    private readonly BatchRow[] _rows = new BatchRow[rowsMax];
    private readonly int[] _tokens = new int[tokensMax];
    private int _rowsCount;
    private int _tokensCount;

    /// <summary>How many of the first <see cref="Rows"/> are decode rows.</summary>
    public int DecodeCount { get; private set; }

    /// <summary>Decode rows, then chunks.</summary>
    public ReadOnlySpan<BatchRow> Rows => _rows.AsSpan(0, _rowsCount);

    public ReadOnlySpan<BatchRow> Decode => _rows.AsSpan(0, DecodeCount);

    public ReadOnlySpan<BatchRow> Chunks => _rows.AsSpan(DecodeCount, _rowsCount - DecodeCount);

    /// <summary>Tokens of all rows, one after the other in the order of the rows.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _tokensCount);

    public ReadOnlySpan<int> TokensOf(in BatchRow row) => _tokens.AsSpan(row.TokensStart, row.TokensCount);

    public void Clear() => _rowsCount = _tokensCount = DecodeCount = 0;

    /// <summary>Adds a decode row; all of them come before the first chunk.</summary>
    /// <returns>The row's index.</returns>
    public int AddDecode(int slot, int past, int token, LogitsWanted logits = LogitsWanted.Last)
    {
        Debug.Assert(DecodeCount == _rowsCount, "decode rows come before chunks");
        _rows[_rowsCount] = new BatchRow(slot, past, _tokensCount, 1, logits);
        _tokens[_tokensCount++] = token;
        DecodeCount++;
        return _rowsCount++;
    }

    /// <summary>Adds a chunk of at least one token.</summary>
    /// <returns>The row's index.</returns>
    public int AddChunk(int slot, int past, ReadOnlySpan<int> tokens, LogitsWanted logits)
    {
        Debug.Assert(tokens.Length > 0, "a chunk has a token");
        tokens.CopyTo(_tokens.AsSpan(_tokensCount));
        _rows[_rowsCount] = new BatchRow(slot, past, _tokensCount, tokens.Length, logits);
        _tokensCount += tokens.Length;
        return _rowsCount++;
    }

    /// <summary>Adds a chunk of certain tokens followed by guesses, with logits after each.</summary>
    /// <returns>The row's index.</returns>
    public int AddDrafted(int slot, int past, ReadOnlySpan<int> tokens, ReadOnlySpan<int> drafts)
    {
        int row = AddChunk(slot, past, tokens, LogitsWanted.All);
        drafts.CopyTo(_tokens.AsSpan(_tokensCount));
        _tokensCount += drafts.Length;
        _rows[row] = _rows[row] with { TokensCount = tokens.Length + drafts.Length };
        return row;
    }
}
