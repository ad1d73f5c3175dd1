namespace Cluster.Serving.Fleet;

/// <summary>A model as a process would load it now. An immutable value.</summary>
/// <param name="ModelId">Its name.</param>
/// <param name="Fingerprint">See <see cref="ServedModel.Fingerprint"/>; empty where it is not told.</param>
/// <param name="Version">Changes with everything that a loaded replica depends on; a replica of another version is replaced. Empty where it is not told.</param>
public sealed record ModelOffer(string ModelId, string Fingerprint, string Version);
