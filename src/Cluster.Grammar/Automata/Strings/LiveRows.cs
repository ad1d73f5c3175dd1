namespace Cluster.Grammar.Automata.Strings;

/// <summary>Rows without the steps that lead to empty residuals: what makes the byte automata trimmed.</summary>
internal static class LiveRows
{
    /// <param name="whole">False if the fuel ended first: then only the steps known to be live are there, and nothing is kept.</param>
    public static CodePointRow Of(Node node, Fuel fuel, out bool whole)
    {
        whole = true;
        if (node.LiveRow is { } known)
        {
            return known;
        }
        var row = Rows.Of(node, fuel) ?? node.Row;
        if (row is null)
        {
            whole = false;
            return CodePointRow.None;
        }
        var verdicts = new Dictionary<Node, bool>();
        var live = new RowBuilder();
        foreach (var step in row.Steps)
        {
            if (!verdicts.TryGetValue(step.Target, out var isLive))
            {
                var verdict = Witness.IsLive(step.Target, fuel);
                whole &= verdict is not null;
                isLive = verdict ?? (step.Target.Cost is >= 0 and < long.MaxValue);
                verdicts.Add(step.Target, isLive);
            }
            if (isLive)
            {
                live.Add(step.Low, step.High, step.Target);
            }
        }
        var result = live.ToRow();
        if (whole)
        {
            node.LiveRow = result;
        }
        return result;
    }
}
