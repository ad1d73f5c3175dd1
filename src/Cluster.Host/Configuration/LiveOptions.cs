using Microsoft.Extensions.Options;

namespace Cluster.Host.Configuration;

/// <summary>Options that can be replaced as a whole while the program runs; each request reads them once.</summary>
public sealed class LiveOptions<T>(T first) : IOptions<T>
    where T : class
{
    private T _value = first;

    public T Value => Volatile.Read(ref _value);

    public void Replace(T value) => Volatile.Write(ref _value, value);
}
