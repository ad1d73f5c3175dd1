using System.Diagnostics;

namespace Cluster.Chaos;

/// <summary>
/// A network that nobody else sees: this process in a network namespace of its own, each silo in another one behind a bridge, so that a silo
/// can be cut off in both directions without a word to anyone.
/// </summary>
/// <remarks>Needs Linux, <c>ip</c>, <c>unshare</c> and the right to make namespaces (root). Elsewhere silos share the loopback network.</remarks>
public sealed class PrivateNetwork : IDisposable
{
    /// <summary>First three numbers of the addresses behind the bridge.</summary>
    public const string Prefix = "10.77.0.";

    private const string InsideVariable = "CHAOS_NETWORK_INSIDE";
    private readonly int _silos;

    private PrivateNetwork(int silos) => _silos = silos;

    /// <summary>Runs this program once more, inside a network namespace of its own.</summary>
    /// <returns>Its exit status; null where it already is inside, or where there can be none.</returns>
    public static int? TryEnter(string[] arguments)
    {
        if (IsInside || !OperatingSystem.IsLinux() || Status("unshare", "--net", "ip", "link", "add", "probe", "type", "bridge") != 0) return null;
        var info = new ProcessStartInfo("unshare", ["--net", Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], .. arguments]);
        info.Environment[InsideVariable] = "1";
        using Process inside = Process.Start(info)!;
        inside.WaitForExit();
        return inside.ExitCode;
    }

    /// <summary>The bridge with this process's own addresses, and a namespace for each silo; null where this process is not inside.</summary>
    /// <param name="silos">Silos 1 to this many get a namespace; their addresses end with 10 more than their number.</param>
    /// <param name="ownNumbers">Numbers of the silos that run in this process's own namespace.</param>
    public static PrivateNetwork? TryCreate(int silos, IEnumerable<int> ownNumbers)
    {
        if (!IsInside) return null;
        var network = new PrivateNetwork(silos);
        Ip("link set lo up");
        Ip("link add bridge0 type bridge");
        Ip($"address add {Prefix}1/24 dev bridge0");
        foreach (int number in ownNumbers) Ip($"address add {Prefix}{10 + number}/24 dev bridge0");
        Ip("link set bridge0 up");
        for (int number = 1; number <= silos; number++)
        {
            Ip($"netns add {Name(number)}");
            Ip($"link add silo{number} type veth peer name eth0 netns {Name(number)}");
            Ip($"link set silo{number} master bridge0 up");
            Ip($"-n {Name(number)} address add {Prefix}{10 + number}/24 dev eth0");
            Ip($"-n {Name(number)} link set lo up");
            Ip($"-n {Name(number)} link set eth0 up");
        }
        return network;
    }

    private static bool IsInside => Environment.GetEnvironmentVariable(InsideVariable) is not null;

    /// <summary>What stands before the command of a process in the silo's namespace.</summary>
    public IReadOnlyList<string> CommandOf(int silo) => ["ip", "netns", "exec", Name(silo)];

    /// <summary>From now on nothing reaches the silo and nothing from it arrives; connections stay open and silent.</summary>
    public void Cut(int silo) => Ip($"link set silo{silo} down");

    public void Mend(int silo) => Ip($"link set silo{silo} up");

    public void Dispose()
    {
        for (int number = 1; number <= _silos; number++) Status("ip", "netns", "delete", Name(number));
    }

    private static string Name(int silo) => $"chaos-{Environment.ProcessId}-{silo}";

    private static void Ip(string arguments)
    {
        if (Status("ip", arguments.Split(' ')) != 0) throw new InvalidOperationException($"ip {arguments} failed");
    }

    private static int Status(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception) { return -1; } // There is no such program.
    }
}
