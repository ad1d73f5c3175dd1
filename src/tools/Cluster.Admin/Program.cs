using System.CommandLine;
using Cluster.Admin;
using Cluster.Grains;

// One command, one call of the cluster's admin grain.
var gateway = new Option<string>("--gateway")
{
    DefaultValueFactory = _ => "127.0.0.1:30000", Description = "A silo's gateway, address:port.", Recursive = true,
};
var clusterId = new Option<string>("--cluster") { DefaultValueFactory = _ => "cluster", Description = "Cluster:Membership:ClusterId.", Recursive = true };
var database = new Option<string>("--database") { Description = "PostgreSQL connection string: finds a gateway by itself.", Recursive = true };
var certificate = new Option<string>("--certificate") { Description = "PEM certificate, where silos speak TLS.", Recursive = true };
var key = new Option<string>("--key") { Description = "PEM key of the certificate.", Recursive = true };
var authority = new Option<string>("--authority") { Description = "PEM certificate of the cluster's authority.", Recursive = true };
var timeout = new Option<int>("--timeout") { DefaultValueFactory = _ => 30, Description = "Longest time for the whole command, in seconds.", Recursive = true };

var model = new Argument<string>("model") { Description = "Name in the catalogue." };
var replicas = new Argument<int>("replicas") { Description = "Wanted from now on." };
var silo = new Argument<string>("silo") { Description = "As status prints it." };
var replica = new Argument<string>("replica") { Description = "model/number, as status prints it." };

var root = new RootCommand("Looks after a running cluster.")
{
    gateway, clusterId, database, certificate, key, authority, timeout,
    Command("status", "Silos, replicas and what they do.", async (admin, _) => Console.Write(StatusTable.Of(await admin.GetSnapshotAsync([])))),
    Command("scale", "Wants this many replicas of a model.", (admin, parsed) => admin.ScaleAsync(parsed.GetValue(model)!, NotNegative(parsed.GetValue(replicas))), model, replicas),
    Command("load", "Wants one replica of a model, unless it has some.", async (admin, parsed) =>
    {
        string name = parsed.GetValue(model)!;
        if ((await admin.GetSnapshotAsync([name])).Replicas.Length == 0) await admin.ScaleAsync(name, 1);
    }, model),
    Command("unload", "Wants no replica of a model; its requests wait, then fail.", (admin, parsed) => admin.ScaleAsync(parsed.GetValue(model)!, 0), model),
    Command("replace", "Drains one replica; another takes its place.", (admin, parsed) => admin.DrainAsync(parsed.GetValue(replica)!), replica),
    Command("drain", "Moves everything off a silo and keeps it empty.", (admin, parsed) => admin.DrainSiloAsync(parsed.GetValue(silo)!), silo),
    Command("resume", "Lets a drained silo have replicas again.", (admin, parsed) => admin.ResumeSiloAsync(parsed.GetValue(silo)!), silo),
};
return await root.Parse(args).InvokeAsync();

Command Command(string name, string description, Func<IClusterAdminGrain, ParseResult, Task> call, params Argument[] arguments)
{
    var command = new Command(name, description);
    foreach (Argument argument in arguments) command.Add(argument);
    command.SetAction(async (parsed, cancellationToken) =>
    {
        try
        {
            var access = new ClusterAccess(
                parsed.GetValue(gateway)!, parsed.GetValue(clusterId)!, parsed.GetValue(database), parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(authority));
            await access.CallAsync(admin => call(admin, parsed), TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellationToken);
            return 0;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Console.Error.WriteLine($"cluster-admin: {error.GetBaseException().Message}");
            return 1;
        }
    });
    return command;
}

static int NotNegative(int value) => value >= 0 ? value : throw new ArgumentException("The number of replicas is not negative.");
