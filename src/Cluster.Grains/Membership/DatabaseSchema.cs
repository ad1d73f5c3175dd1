using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Cluster.Grains.Membership;

/// <summary>Tables and queries that membership and grain state need, applied by whoever comes first.</summary>
public static partial class DatabaseSchema
{
    private const long AdvisoryLock = 0x436C7573746572; // "Cluster"
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(10);

    /// <summary>Key of the row that tells which script was applied last; nobody else reads it.</summary>
    private const string AppliedKey = "ClusterSchemaKey";

    /// <summary>
    /// Waits for the database, saying so, then applies the script unless it is there already: all or nothing, under a lock, so that silos may start together. Idempotent.
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
        await using var resource = typeof(DatabaseSchema).Assembly.GetManifestResourceStream("cluster-postgresql.sql")!;
        string script = await new StreamReader(resource).ReadToEndAsync(cancellationToken);
        string digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        // A role that may only use the tables can start a silo where they are there.
        if (await ExecuteAsync("SELECT to_regclass('orleansquery')::text") is string
            && await ExecuteAsync($"SELECT querytext FROM orleansquery WHERE querykey = '{AppliedKey}'") as string == digest) return;
        await ExecuteAsync(script);
        await ExecuteAsync(
            $"INSERT INTO orleansquery VALUES ('{AppliedKey}', '{digest}') ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext");
        await transaction.CommitAsync(cancellationToken);

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }
}
