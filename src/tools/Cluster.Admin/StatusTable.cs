using System.Globalization;
using System.Text;
using Cluster.Grains;

namespace Cluster.Admin;

/// <summary>A snapshot as text.</summary>
public static class StatusTable
{
    public static string Of(ClusterSnapshot snapshot)
    {
        var text = new StringBuilder();
        Write(text, ["silo", "role", "status"], snapshot.Silos.OrderBy(silo => silo.Silo, StringComparer.Ordinal).Select(silo => new[] { silo.Silo, silo.Role, silo.Status }));
        text.AppendLine();
        Write(text, ["replica", "silo", "device", "health", "running", "waiting", "outstanding"], snapshot.Replicas.Select(replica => new[]
        {
            replica.Id, replica.Silo, replica.Device, replica.Health.ToString(), Number(replica.RunningSequences), Number(replica.WaitingSequences), Number(replica.OutstandingTokens),
        }));
        return text.ToString();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Write(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        List<string[]> all = [header, .. rows];
        int[] widths = [.. Enumerable.Range(0, header.Length).Select(column => all.Max(row => row[column].Length))];
        foreach (string[] row in all) text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
