using System.Globalization;
using Cluster.Serving;

namespace Cluster.Dashboard.Actions;

/// <summary>Something an administrator can do, always after a page that asks again.</summary>
/// <param name="Name">In the address, and in the log.</param>
/// <param name="Title">Heading of the page that asks, and the button.</param>
/// <param name="Consequence">What it will do, for the administrator to weigh.</param>
/// <param name="RunAsync">Does it: what to, and the number of replicas where one is asked for.</param>
/// <param name="AsksNumber">It needs a number of replicas.</param>
internal sealed record AdminAction(
    string Name, string Title, string Consequence, Func<IClusterControl, string, int, CancellationToken, Task> RunAsync, bool AsksNumber = false)
{
    public static IReadOnlyList<AdminAction> All { get; } =
    [
        new("scale", "Scale", "From now on this many replicas are wanted. New ones are opened where there is room; of surplus ones the least busy hand their sequences over and go.",
            static (control, target, replicas, token) => control.ScaleAsync(target, replicas, token), AsksNumber: true),
        new("load", "Load", "One replica of the model is opened.",
            static (control, target, _, token) => control.ScaleAsync(target, 1, token)),
        new("unload", "Unload", "All replicas of the model go. Requests that run end first; new ones are answered 503.",
            static (control, target, _, token) => control.ScaleAsync(target, 0, token)),
        new("replace", "Replace", "Another replica is opened in this one's place; its sequences move there.",
            static (control, target, _, token) => control.ReplaceAsync(target, token)),
        new("drain", "Drain", "No sequence begins here any more. What runs moves to other silos, or ends here where there is no other.",
            static (control, target, _, token) => control.DrainAsync(target, token)),
        new("resume", "Resume", "Sequences begin here again.",
            static (control, target, _, token) => control.ResumeAsync(target, token)),
    ];

    public static AdminAction? Find(string name) => All.FirstOrDefault(action => action.Name == name);

    /// <summary>The page that asks before the action is done to <paramref name="target"/>.</summary>
    public string PathOf(string target) => $"/admin/actions/{Name}?target={Uri.EscapeDataString(target)}";

    public string DescribeOf(string target, int replicas) => AsksNumber ? $"{Title} {target} to {replicas.ToString(CultureInfo.InvariantCulture)}" : $"{Title} {target}";
}
