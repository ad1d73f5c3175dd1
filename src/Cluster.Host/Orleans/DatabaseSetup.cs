using Cluster.Grains.Membership;

namespace Cluster.Host;

/// <summary>Before anything else starts: waits for the database and applies what it lacks.</summary>
public sealed class DatabaseSetup(MembershipOptions membership, TimeProvider time, ILogger<DatabaseSetup> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
        => membership.Kind == MembershipKind.PostgreSql ? DatabaseSchema.ApplyAsync(membership, time, logger, cancellationToken) : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
