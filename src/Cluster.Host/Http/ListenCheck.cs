using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Cluster.Host.Http;

/// <summary>Whether the addresses can be had, asked before models are loaded: that may take minutes.</summary>
internal static class ListenCheck
{
    /// <exception cref="ConfigurationException">Another program listens there, or the system does not allow it.</exception>
    public static void ThrowIfTaken(string[] urls)
    {
        foreach (string url in urls)
        {
            BindingAddress address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0) continue;
            try
            {
                using var listener = new TcpListener(AddressOf(address.Host), address.Port);
                listener.Start();
            }
            catch (SocketException exception)
            {
                throw new ConfigurationException($"--urls: '{url}' cannot be listened on: {exception.Message}. Choose another port: make run PORT=8081, or --urls http://127.0.0.1:8081.");
            }
        }
    }

    private static IPAddress AddressOf(string host) => IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) ? address
        : string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Any;
}
