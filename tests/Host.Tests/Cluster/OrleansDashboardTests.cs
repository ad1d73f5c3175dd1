using System.Net;
using System.Text.Json;
using Cluster.Testing;

namespace Cluster.Host.Tests.Cluster;

/// <summary>The real server as a cluster of processes, and Orleans' own dashboard on each.</summary>
public sealed class OrleansDashboardTests(SiloProcesses silos) : IClassFixture<SiloProcesses>
{
    private static Uri At(string path) => new(path, UriKind.Relative);

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData(SiloProcesses.User, HttpStatusCode.Forbidden)]
    [InlineData(SiloProcesses.Admin, HttpStatusCode.OK)]
    public async Task OrleansDashboard_IsForAdmins_OnEverySilo(string? key, HttpStatusCode expected)
    {
        Assert.SkipUnless(SiloProcesses.WhyNot is null, SiloProcesses.WhyNot ?? "");
        Assert.SkipUnless(SiloProcesses.HasDashboard, "this build has no Orleans dashboard (set-up did not find its package)");
        foreach (HostProcess silo in (HostProcess[])[silos.Edge, silos.Replicas[1]])
        {
            using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = silo.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(120) };
            if (key is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            foreach (string path in new[] { "/admin/orleans/", "/admin/orleans/index.min.js", "/admin/orleans/index.css", "/admin/orleans/ClusterStats", "/admin/orleans/DashboardCounters" })
            {
                using HttpResponseMessage response = await client.GetAsync(At(path));
                Assert.True(expected == response.StatusCode, $"{path} is {response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                if (expected != HttpStatusCode.OK) continue;
                Assert.StartsWith("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            }
            if (expected != HttpStatusCode.OK) continue;
            Assert.Contains("Orleans Dashboard", await client.GetStringAsync(At("/admin/orleans/")), StringComparison.Ordinal);
            using HttpResponseMessage shorter = await client.GetAsync(At("/admin/orleans"));
            Assert.Equal("/admin/orleans/", shorter.Headers.Location?.OriginalString);
            await Eventually.HoldsAsync(async () => // It begins to count when somebody looks.
            {
                using JsonDocument counters = JsonDocument.Parse(await client.GetStringAsync(At("/admin/orleans/DashboardCounters")));
                return counters.RootElement.GetProperty("totalActiveHostCount").GetInt32() >= 2 && counters.RootElement.GetProperty("totalActivationCount").GetInt32() > 0;
            }, withinMs: 60_000);
            using HttpResponseMessage log = await client.GetAsync(At("/admin/orleans/Trace"));
            Assert.Equal(HttpStatusCode.Forbidden, log.StatusCode);
        }
    }
}
