using Cluster.Grains.Membership;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Cluster.Grains.Tests.Membership;

public sealed class DatabaseSchemaTests
{
    [Fact]
    public async Task Apply_ManySilosAtOnceAndAgain_AppliesTheScriptOnce()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        var options = new MembershipOptions { ConnectionString = server.ConnectionString };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ApplyAsync(options)));
        string applied = await ContentsAsync(server);
        await ApplyAsync(options);

        Assert.Equal(applied, await ContentsAsync(server));
        Assert.Equal("14", await QueryAsync(server, "SELECT count(*)::text FROM orleansquery"));
        Assert.Equal("1", await QueryAsync(server, "SELECT count(DISTINCT xmin::text)::text FROM orleansquery"));
    }

    [Fact]
    public async Task Apply_ScriptTwice_ChangesNothing()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        var options = new MembershipOptions { ConnectionString = server.ConnectionString };
        await ApplyAsync(options);
        await QueryAsync(server, """
            INSERT INTO cluster_membership_version VALUES ('c', 7);
            INSERT INTO cluster_silos VALUES ('c', '10.0.0.1', 1, 2, 's', 'h', 3, 3, NULL, now(), now());
            INSERT INTO cluster_grain_state VALUES ('c', 'g', 0, 1, '', 5, now(), 'x')
            """);
        await QueryAsync(server, "DELETE FROM orleansquery WHERE querykey = 'ClusterSchemaKey'"); // Now nothing says that it was applied.
        string before = await ContentsAsync(server);

        await ApplyAsync(options);

        await QueryAsync(server, "DELETE FROM orleansquery WHERE querykey = 'ClusterSchemaKey'");
        Assert.Equal(before, await ContentsAsync(server));
    }

    [Fact]
    public async Task Apply_OtherQueriesThere_ReplacesThem()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        await QueryAsync(server, """
            CREATE TABLE orleansquery (querykey varchar(64) PRIMARY KEY, querytext varchar(8000) NOT NULL);
            INSERT INTO orleansquery VALUES ('GatewaysQueryKey', 'SELECT 1'), ('ClusterSchemaKey', 'another')
            """);

        await ApplyAsync(new MembershipOptions { ConnectionString = server.ConnectionString });

        Assert.Contains("cluster_silos", await QueryAsync(server, "SELECT querytext FROM orleansquery WHERE querykey = 'GatewaysQueryKey'"));
        Assert.Equal("14", await QueryAsync(server, "SELECT count(*)::text FROM orleansquery"));
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

    /// <summary>Every row and column definition with the transaction that wrote it.</summary>
    private static async Task<string> ContentsAsync(PostgresServer server) => (await QueryAsync(server, """
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
          SELECT concat_ws(' ', 'query', xmin, q) AS line FROM orleansquery AS q
          UNION ALL SELECT concat_ws(' ', 'version', xmin, v) FROM cluster_membership_version AS v
          UNION ALL SELECT concat_ws(' ', 'silo', xmin, s) FROM cluster_silos AS s
          UNION ALL SELECT concat_ws(' ', 'state', xmin, g) FROM cluster_grain_state AS g
          UNION ALL SELECT concat_ws(' ', 'relation', xmin, oid, relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace
          UNION ALL SELECT concat_ws(' ', 'column', xmin, attrelid, attname, atttypid) FROM pg_attribute
            WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
        ) AS lines
        """))!;

    private static async Task<string?> QueryAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string;
    }

    private static Task ApplyAsync(MembershipOptions options)
        => DatabaseSchema.ApplyAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
}
