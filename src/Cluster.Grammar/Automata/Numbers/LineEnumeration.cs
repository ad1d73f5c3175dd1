namespace Cluster.Grammar.Automata.Numbers;

/// <summary>Lists the members of a set where they are finitely many.</summary>
internal static class LineEnumeration
{
    public static Answer TryList(NumberLine line, int max, Fuel fuel, out List<ExactDecimal> values)
    {
        values = [];
        for (var i = 0; i <= line.Cuts.Length; i++)
        {
            if (!line.Gaps[i].IsNever && !GridSearch.IsGapEmpty(line, i))
            {
                if (i == 0 || i == line.Cuts.Length || IsDense(line.Gaps[i]))
                {
                    return Answer.No;
                }
                var answer = ListGap(line, i, max, fuel, values);
                if (answer != Answer.Yes)
                {
                    return answer;
                }
            }
            if (i < line.Cuts.Length && line.Members[i])
            {
                values.Add(line.Cuts[i]);
            }
            if (values.Count > max)
            {
                return Answer.No;
            }
        }
        return fuel.TrySpend(values.Count) ? Answer.Yes : Answer.OutOfFuel;
    }

    // Some row without a divisor: between any two of its numbers lies another.
    private static bool IsDense(Divisibility gap) => (gap.Table & 1) != 0;

    private static Answer ListGap(NumberLine line, int index, int max, Fuel fuel, List<ExactDecimal> values)
    {
        var found = new SortedSet<ExactDecimal>();
        var gap = line.Gaps[index];
        foreach (var divisor in gap.Divisors)
        {
            var (below, above) = (line.Cuts[index - 1], line.Cuts[index]);
            for (var multiple = GridSearch.Floor(below, divisor) + 1; ; multiple++)
            {
                var value = ExactDecimal.Of(multiple * divisor.Mantissa, divisor.Exponent);
                if (value.CompareTo(above) >= 0)
                {
                    break;
                }
                if (!fuel.TrySpend(4))
                {
                    return Answer.OutOfFuel;
                }
                if (gap.Holds(value) && found.Add(value) && found.Count + values.Count > max)
                {
                    return Answer.No;
                }
            }
        }
        values.AddRange(found);
        return Answer.Yes;
    }
}
