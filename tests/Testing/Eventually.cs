namespace Cluster.Testing;

/// <summary>Waits for what other threads, processes and silos bring about.</summary>
public static class Eventually
{
    private const int PauseMs = 20;

    /// <summary>Returns once the condition holds. The pauses are counted, not the clock: a machine that stands still costs a test nothing.</summary>
    /// <param name="condition">Asked again after each pause.</param>
    /// <param name="withinMs">Sum of the pauses after which it fails, in milliseconds.</param>
    /// <param name="otherwise">What to say then: how things stand.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static async Task HoldsAsync(Func<Task<bool>> condition, int withinMs, Func<string>? otherwise = null)
    {
        for (int waited = 0; !await condition(); waited += PauseMs)
        {
            if (waited >= withinMs) throw new TimeoutException(otherwise?.Invoke() ?? $"the condition did not hold within {withinMs} ms");
            await Task.Delay(PauseMs);
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, int, Func{string})"/>
    public static Task HoldsAsync(Func<bool> condition, int withinMs, Func<string>? otherwise = null)
        => HoldsAsync(() => Task.FromResult(condition()), withinMs, otherwise);
}
