using System.Diagnostics;
using Cluster.Grammar.Tests.Support;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>How long an answer to a hostile source may take.</summary>
internal static class AnswerTime
{
    private const int Tries = 5;

    /// <summary>Processor time. The goal is 100 ms, which the whole run holds; a run on a busy machine looks for explosions only, so as not to fail for its neighbours' sake.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMilliseconds(FullRun.IsOn ? 100 : 1_000);

    /// <summary>Processor time, because the clock of a busy machine says nothing; the best of a few tries, because of the just-in-time compiler's own.</summary>
    public static TimeSpan Best(Action answer)
    {
        var best = TimeSpan.MaxValue;
        for (int i = 0; i < Tries && best > Limit; i++)
        {
            TimeSpan start = Process.GetCurrentProcess().TotalProcessorTime;
            answer();
            TimeSpan time = Process.GetCurrentProcess().TotalProcessorTime - start;
            if (time < best) best = time;
        }
        return best;
    }
}
