namespace Cluster.Tokenization.HuggingFace.PreTokenizers;

/// <summary>What becomes of the delimiters that a split finds.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,

    /// <summary>Isolated, but neighbouring delimiters are one piece.</summary>
    Contiguous,
}

/// <summary>Collects the runs of one piece, delimiter or not, in order, and cuts as the behaviour says.</summary>
internal ref struct SplitCollector(PieceList.Sink sink, SplitBehavior behavior)
{
    private int _pendingStart = -1;
    private int _pendingEnd;
    private bool _pendingIsDelimiter;

    public void Add(int start, int end, bool isDelimiter)
    {
        if (end == start) return;
        switch (behavior)
        {
            case SplitBehavior.Removed:
                if (!isDelimiter) sink.Add(start, end);
                break;
            case SplitBehavior.Isolated:
                sink.Add(start, end);
                break;
            case SplitBehavior.Contiguous:
                Pend(start, end, isDelimiter, join: _pendingIsDelimiter == isDelimiter);
                break;
            case SplitBehavior.MergedWithPrevious:
                Pend(start, end, isDelimiter, join: isDelimiter && !_pendingIsDelimiter);
                break;
            case SplitBehavior.MergedWithNext:
                Pend(start, end, isDelimiter, join: !isDelimiter && _pendingIsDelimiter);
                break;
        }
    }

    public void Finish()
    {
        if (_pendingStart >= 0) sink.Add(_pendingStart, _pendingEnd);
        _pendingStart = -1;
    }

    private void Pend(int start, int end, bool isDelimiter, bool join)
    {
        if (_pendingStart < 0 || !join)
        {
            Finish();
            _pendingStart = start;
        }
        _pendingEnd = end;
        _pendingIsDelimiter = isDelimiter;
    }
}
