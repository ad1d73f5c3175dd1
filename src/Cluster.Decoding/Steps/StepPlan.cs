namespace Cluster.Decoding.Steps;

/// <summary>What one sequence does in one step, and what came of it.</summary>
internal sealed class PlannedRow
{
    public Sequence Sequence { get; set; } = null!;

    /// <summary>Row in the batch that takes its first pending token alone; -1 for none.</summary>
    public int DecodeRow { get; set; }

    /// <summary>Row in the batch that takes several of its tokens; -1 for none.</summary>
    public int ChunkRow { get; set; }

    /// <summary>Pending tokens that this step processes.</summary>
    public int TokensFed { get; set; }

    /// <summary>Guesses that follow them in the chunk; mostly none.</summary>
    public ArraySegment<int> Drafts { get; set; }

    /// <summary>Bit i is set where guess i came from the caller's prediction.</summary>
    public ulong PredictedDrafts { get; set; }

    /// <summary>Everything pending is fed, so the step chooses the next token.</summary>
    public bool IsSampled { get; set; }

    /// <summary>Tokens chosen, one more than drafts that held; empty where nothing was sampled.</summary>
    public List<int> Chosen { get; } = [];

    /// <summary>Of each choice, what its mask took away; null where not measured.</summary>
    public List<double?> Pressures { get; } = [];

    /// <summary>Of <see cref="Chosen"/>, those of forced runs, which were guessed as a whole.</summary>
    public int ForcedCount { get; set; }

    public TokenLogprob? Logprob { get; set; }

    public SequenceError? Error { get; set; }

    public void Reset(Sequence sequence)
    {
        Sequence = sequence;
        DecodeRow = ChunkRow = -1;
        TokensFed = ForcedCount = 0;
        Drafts = ArraySegment<int>.Empty;
        PredictedDrafts = 0;
        IsSampled = false;
        Chosen.Clear();
        Pressures.Clear();
        Logprob = null;
        Error = null;
    }
}

/// <summary>What one step will do. Filled anew for each step; its rows are reused.</summary>
internal sealed class StepPlan
{
    private readonly List<PlannedRow> _pool = [];

    public int Count { get; private set; }

    public PlannedRow this[int index] => _pool[index];

    /// <summary>Tokens that the step processes, guesses included.</summary>
    public int Tokens
    {
        get
        {
            int tokens = 0;
            for (int i = 0; i < Count; i++) tokens += _pool[i].TokensFed + _pool[i].Drafts.Count;
            return tokens;
        }
    }

    /// <summary>The sequence that takes this step's chunk; null where none has enough pending.</summary>
    public Sequence? ChunkOwner { get; set; }

    public void Clear()
    {
        Count = 0;
        ChunkOwner = null;
    }

    public PlannedRow Add(Sequence sequence)
    {
        if (Count == _pool.Count) _pool.Add(new PlannedRow());
        PlannedRow row = _pool[Count++];
        row.Reset(sequence);
        return row;
    }
}
