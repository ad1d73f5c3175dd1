using Cluster.Decoding;
using Cluster.Decoding.Sampling;

namespace Cluster.Chaos;

/// <summary>How close one draw came to another token: the draw is the token that arrives first among the nucleus, see <see cref="TokenNoise"/>.</summary>
internal sealed class BorderDistance
{
    private readonly Dictionary<int, (double LogTime, double NucleusDistance)> _tokens = [];
    private readonly float _temperature;

    /// <param name="distribution">Every allowed token with its log-probability at temperature 1.</param>
    public BorderDistance(IEnumerable<KeyValuePair<int, float>> distribution, SequenceJournal journal, int position)
    {
        SamplingOptions options = journal.Sampling;
        _temperature = options.Temperature;
        var noise = new TokenNoise(options.Seed, journal.Choice, position);
        var ranked = distribution.Select(one => (Token: one.Key, Weight: Math.Exp(one.Value / options.Temperature))).OrderByDescending(one => one.Weight).ToList();
        double total = ranked.Sum(one => one.Weight), before = 0;
        foreach ((int token, double weight) in ranked)
        {
            _tokens[token] = (Math.Log(noise.Of(token) / weight), options.TopP >= 1 ? 1 : options.TopP - (before / total));
            before += weight;
        }
    }

    /// <summary>Smallest change of the logits, or of the mass before a token in rank, after which <paramref name="other"/> could have been chosen
    /// in place of <paramref name="chosen"/>.</summary>
    public double Between(int chosen, int other)
    {
        if (!_tokens.TryGetValue(chosen, out var winner) || !_tokens.TryGetValue(other, out var loser)) return 1;
        double race = Math.Max(0, loser.LogTime - winner.LogTime) * _temperature;

        // The other arrived earlier and was passed over, or would have to come in as well; or the chosen one would have to fall out.
        double entry = Math.Max(race, Math.Max(0, -loser.NucleusDistance));
        return Math.Min(entry, Math.Abs(winner.NucleusDistance));
    }
}
