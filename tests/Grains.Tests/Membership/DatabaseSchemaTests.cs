using Cluster.Grains.Membership;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Cluster.Grains.Tests.Membership;

public sealed class DatabaseSchemaTests
{
    [Fact]
    public async Task Apply_ManySilosAtOnceAndAgain_AppliesEachScriptOnce()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        var options = new MembershipOptions { ConnectionString = server.ConnectionString };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ApplyAsync(options)));
        await ApplyAsync(options);

        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM orleansquery", connection);
        Assert.True((long)(await command.ExecuteScalarAsync())! >= 10);
    }

    [Fact]
    public async Task Apply_DatabaseComesLate_WaitsForIt()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        await server.StopAsync();

        var applying = ApplyAsync(new MembershipOptions { ConnectionString = server.ConnectionString });
        await Task.Delay(600);
        Assert.False(applying.IsCompleted);
        await server.ResumeAsync();

        await applying.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Apply_NoDatabaseWithinTheWait_Throws()
        => await Assert.ThrowsAnyAsync<NpgsqlException>(() => ApplyAsync(
            new MembershipOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=x", DatabaseWaitSeconds = 0 }));

    private static Task ApplyAsync(MembershipOptions options)
        => DatabaseSchema.ApplyAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
}
