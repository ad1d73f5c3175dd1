namespace Cluster.ModelBuilder.Weights;

/// <summary>Named weight matrices, read one at a time as float.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>Fills <paramref name="target"/> with the tensor's values in row-major order; its length is the tensor's.</summary>
    void Read(string name, Span<float> target);
}
