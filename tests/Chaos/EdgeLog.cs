using System.Text;
using System.Text.RegularExpressions;

namespace Cluster.Chaos;

/// <summary>Reads along in the edge's log: which sequences it moved.</summary>
public sealed partial class EdgeLog(string path)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Until the token fires; tells of each hand-over soon after it was written.</summary>
    public async Task FollowAsync(Action<string, int, string> handedOver, CancellationToken until)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        var pending = new StringBuilder();
        byte[] bytes = new byte[16_384];
        while (true)
        {
            int read = await file.ReadAsync(bytes, CancellationToken.None);
            pending.Append(Encoding.UTF8.GetString(bytes, 0, read));
            string text = pending.ToString();
            int end = text.LastIndexOf('\n') + 1;
            foreach (Match match in HandOver().Matches(text[..end]))
                handedOver(match.Groups["request"].Value, int.Parse(match.Groups["choice"].Value), match.Groups["reason"].Value);
            pending.Remove(0, end);
            if (read > 0) continue;
            if (until.IsCancellationRequested) return;
            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    [GeneratedRegex(@"(?<request>[0-9a-f]{32})/(?<choice>\d+) left \S+ \((?<reason>\w+)\) after \d+ tokens")]
    private static partial Regex HandOver();
}
