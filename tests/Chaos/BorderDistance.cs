using Cluster.Decoding;
using Cluster.Decoding.Sampling;

namespace Cluster.Chaos;

/// <summary>
/// How close one draw came to another token. A draw takes a place on a line of the tokens' weights, in order of their ids, and is repeated where the
/// token lies outside the nucleus.
/// </summary>
internal sealed class BorderDistance
{
    private const int DrawsMax = 16;
    private readonly Dictionary<int, (double Low, double High)> _places = [];
    private readonly List<double> _draws = [];
    private readonly double _nucleusDistance = 1;

    /// <param name="distribution">Every allowed token with its log-probability at temperature 1.</param>
    public BorderDistance(IEnumerable<KeyValuePair<int, float>> distribution, SequenceJournal journal, int position)
    {
        SamplingOptions options = journal.Sampling;
        var weights = distribution.OrderBy(one => one.Key).Select(one => (Token: one.Key, Weight: Math.Exp(one.Value / options.Temperature))).ToList();
        double total = weights.Sum(one => one.Weight), low = 0;
        foreach ((int token, double weight) in weights) _places[token] = (low, low += weight / total);
        for (int draw = 0; draw < DrawsMax; draw++)
        {
            double uniform = Philox.Uniform(options.Seed, journal.Choice, position, draw);
            _draws.Add(uniform);
            double drawn = weights[Math.Max(0, weights.FindIndex(one => _places[one.Token].High > uniform))].Weight;
            double before = weights.Where(one => one.Weight > drawn).Sum(one => one.Weight) / total;
            _nucleusDistance = Math.Min(_nucleusDistance, Math.Abs(before - options.TopP));
            if (before < options.TopP) return;
        }
    }

    /// <summary>Smallest change of a draw, or of the nucleus' border, after which this token could have been chosen; as a probability.</summary>
    public double To(int token) => !_places.TryGetValue(token, out var place) ? 1
        : Math.Min(_nucleusDistance, _draws.Min(uniform => Math.Max(0, Math.Max(place.Low - uniform, uniform - place.High))));
}
