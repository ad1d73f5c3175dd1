using Npgsql;

namespace Cluster.Grains.Membership;

/// <summary>Tables and queries that membership and grain state need, applied by whoever comes first.</summary>
public static partial class DatabaseSchema
{
    private const long AdvisoryLock = 0x436C7573746572; // "Cluster"
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(10);

    /// <summary>Each script with a query that has a row once it has been applied.</summary>
    private static readonly (string Script, string Probe)[] Scripts =
    [
        ("PostgreSQL-Main", "SELECT 1 WHERE to_regclass('orleansquery') IS NOT NULL"),
        ("PostgreSQL-Clustering", "SELECT 1 WHERE to_regclass('orleansmembershiptable') IS NOT NULL"),
        ("PostgreSQL-Clustering-3.7.0", "SELECT 1 FROM orleansquery WHERE querykey = 'CleanupDefunctSiloEntriesKey'"),
        ("PostgreSQL-Persistence", "SELECT 1 WHERE to_regclass('orleansstorage') IS NOT NULL"),
    ];

    /// <summary>
    /// Waits for the database, saying so, then applies what is missing: all or nothing, under a lock, so that silos may start together. Idempotent.
    /// </summary>
    /// <exception cref="NpgsqlException">The database could not be reached within <see cref="MembershipOptions.DatabaseWaitSeconds"/>, or refused.</exception>
    public static async Task ApplyAsync(MembershipOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        for (var backOff = TimeSpan.FromMilliseconds(250); ; backOff = backOff * 2 > BackOffMax ? BackOffMax : backOff * 2)
        {
            try
            {
                await ApplyOnceAsync(options.ConnectionString, cancellationToken);
                return;
            }
            catch (NpgsqlException error) when (error.IsTransient && time.GetElapsedTime(began).TotalSeconds < options.DatabaseWaitSeconds)
            {
                LogWaiting(logger, backOff.TotalSeconds, error.Message);
                await Task.Delay(backOff, time, cancellationToken);
            }
        }
    }

    private static async Task ApplyOnceAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock})");
        foreach (var (script, probe) in Scripts)
        {
            if (await ExecuteAsync(probe) is not null) continue;
            await using var text = typeof(DatabaseSchema).Assembly.GetManifestResourceStream($"{script}.sql")!;
            await ExecuteAsync(await new StreamReader(text).ReadToEndAsync(cancellationToken));
        }
        await transaction.CommitAsync(cancellationToken);

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }
}
